// The emulator's page in a real browser: what it shows as it happens, and its buttons. `npm run test:page`.
import { createApixo } from "vidtask";
import { describe, expect, test } from "vitest";
import { request, rowOf, setUp } from "./browser.mjs";

const now = setUp();

describe("live", () => {
  test("a task of the real client appears without a reload, and its video plays as it was ordered", async () => {
    const page = await now.open();
    await page.getByText("No task yet").waitFor();
    const task = await now.apixo.submit(request);
    await rowOf(page, "a waterfall").click();
    await page.getByRole("heading", { name: task.id }).waitFor();
    await page.getByRole("button", { name: "Finish" }).click();
    const video = page.locator("video");
    await video.waitFor();
    const shown = await video.evaluate(async (element) => {
      if (element.readyState < 1) await new Promise((resolve) => element.addEventListener("loadedmetadata", resolve));
      element.muted = true;
      await element.play();
      const start = element.currentTime;
      while (element.currentTime < start + 0.5) await new Promise((resolve) => setTimeout(resolve, 50));
      return { width: element.videoWidth, height: element.videoHeight, duration: element.duration };
    });
    expect(shown).toEqual({ width: 486, height: 864, duration: expect.closeTo(5, 1) });
    expect((await now.apixo.get(task)).state).toBe("succeeded");
  });

  test("a task that ends by itself changes on the page, and is said in a live region", async () => {
    await now.start({ taskMs: 1_500 });
    const page = await now.open();
    await now.apixo.submit(request);
    await rowOf(page, "a waterfall").getByText("succeeded").waitFor();
    await page
      .locator('[role="status"][aria-live="polite"]', { hasText: /Task \S+ succeeded/ })
      .waitFor({ state: "attached" });
  });

  test("elapsed and expected time go on", async () => {
    const page = await now.open();
    await now.apixo.submit(request);
    await rowOf(page, "a waterfall")
      .getByText(/^\s*[23] s of \d+ s$/)
      .waitFor();
  });

  test("words find tasks", async () => {
    await now.apixo.submit(request);
    await now.apixo.submit({ ...request, prompt: "a desert" });
    const page = await now.open();
    await page.getByLabel("Search").fill("DESERT");
    await rowOf(page, "a desert").waitFor();
    expect(await page.locator("a.row").count()).toBe(1);
    await page.getByLabel("State").selectOption("failed");
    await page.getByText("No task has these words").waitFor();
  });

  test("a scope's page shows its own", async () => {
    await now.apixo.submit(request);
    const page = await now.open("/_scope/one/");
    await page.getByText("scope one").waitFor();
    await page.getByText("No task yet").waitFor();
    await createApixo(now.server.for("apixo", "one")).submit({ ...request, prompt: "of one" });
    await rowOf(page, "of one").waitFor();
    expect(await page.locator("a.row").count()).toBe(1);
  });

  test("an emulator that goes is said, and one that comes back is shown", async () => {
    const page = await now.open();
    await now.apixo.submit(request);
    await rowOf(page, "a waterfall").waitFor();
    const { port } = new URL(now.server.url);
    await now.server.close();
    await page.getByText("not connected").waitFor();
    await now.start({}, Number(port));
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByText("No task yet").waitFor();
  });
});

describe("buttons", () => {
  test("a fault that is switched on changes the next request, and goes from the list", async () => {
    const page = await now.open("/#/faults");
    await page.getByLabel("On the next").selectOption("submit");
    await page.getByLabel("What goes wrong").selectOption("fail:CONTENT_VIOLATION");
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText("on submit, 1 time").waitFor();
    const task = await now.apixo.submit(request);
    await page.getByText("No fault waits").waitFor();
    expect(now.emulator.requests.at(-1)).toMatchObject({ fault: "fail:CONTENT_VIOLATION" });
    await page.goto(`${now.server.url}/#/tasks/${task.id}`);
    await page.getByRole("button", { name: "+ 1 h" }).click();
    await page.getByText("CONTENT_VIOLATION: ").waitFor();
    expect(await now.apixo.get(task)).toMatchObject({ state: "failed", failure: { code: "content_rejected" } });
  });

  test("fail, with a code that is chosen", async () => {
    const task = await now.apixo.submit(request);
    const page = await now.open(`/#/tasks/${task.id}`);
    await page.getByLabel("with code").selectOption("INVALID_IMAGE_URL");
    await page.getByRole("button", { name: "Fail", exact: true }).click();
    await page.locator(".detail .state", { hasText: "failed" }).waitFor();
    expect((await (await now.api(`/tasks/${task.id}`)).json()).failure).toMatchObject({ code: "INVALID_IMAGE_URL" });
  });

  test("stick, and then the clock can move as far as it likes", async () => {
    const task = await now.apixo.submit(request);
    const page = await now.open(`/#/tasks/${task.id}`);
    await page.getByRole("button", { name: "Stick" }).click();
    await page
      .locator(".detail")
      .getByText(/, stuck$/)
      .waitFor();
    await page.getByRole("button", { name: "+ 1 day" }).click();
    expect((await now.apixo.get(task)).state).toBe("processing");
  });

  test("reset asks first, and then everything is gone", async () => {
    await now.apixo.submit(request);
    const page = await now.open();
    await rowOf(page, "a waterfall").waitFor();
    page.once("dialog", (dialog) => dialog.dismiss());
    await page.getByRole("button", { name: "Reset" }).click();
    expect(now.emulator.ledger).toHaveLength(1);
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Reset" }).click();
    await page.getByText("No task yet").waitFor();
    expect(now.emulator.ledger).toEqual([]);
  });

  test("what was refused is said", async () => {
    const task = await now.apixo.submit(request);
    const page = await now.open(`/#/tasks/${task.id}`);
    const error = { code: "state", message: "the task has ended already: failed" };
    await page.route("**/finish", (route) => route.fulfill({ status: 409, json: { error } }));
    await page.getByRole("button", { name: "Finish" }).click();
    await page.getByRole("alert").getByText("the task has ended already: failed").waitFor();
  });

  test("a task that is gone is said to be", async () => {
    const task = await now.apixo.submit(request);
    const page = await now.open(`/#/tasks/${task.id}`);
    await page.getByRole("button", { name: "Finish" }).waitFor();
    now.emulator.reset();
    await page.getByText("There is no such task").waitFor();
  });
});
