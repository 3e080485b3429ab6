// Keyboard, contrast, small screens, no motion.
import { describe, expect, test } from "vitest";
import { axe, request, setUp } from "./browser.mjs";

const now = setUp();

describe("for everybody", () => {
  async function filled() {
    const task = await now.apixo.submit(request);
    await now.api(`/tasks/${task.id}/finish`, { method: "POST" });
    await now.apixo.submit({ ...request, prompt: "running" });
    now.emulator.injectFault({ on: "poll", kind: "503", times: 3 });
    return task;
  }

  const views = ["tasks", "requests", "callbacks", "ledger", "faults", "fidelity", "task"];
  const looks = [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["390 px", { viewport: { width: 390, height: 844 } }],
  ];
  test.each(looks)("no serious finding of axe, %s", { timeout: 120_000 }, async (_, options) => {
    const task = await filled();
    const page = await now.open("/", options);
    for (const view of views) {
      await page.evaluate(
        (hash) => {
          location.hash = hash;
        },
        view === "task" ? `#/tasks/${task.id}` : `#/${view}`,
      );
      await page.waitForTimeout(200);
      await page.evaluate(axe()); // by the tool: the page's policy takes no script of another's
      const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
      const found = violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${view}: ${id}: ${nodes.map(({ html }) => html.slice(0, 90)).join(" ")}`);
      expect(found).toEqual([]);
    }
  });

  test("nothing is wider than 390 px", async () => {
    const task = await filled();
    const page = await now.open("/", { viewport: { width: 390, height: 844 } });
    for (const view of [...views.slice(0, -1), `tasks/${task.id}`]) {
      await page.goto(`${now.server.url}/#/${view}`);
      await page.waitForTimeout(200);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    }
  });

  test("everything can be done with the keyboard", async () => {
    await filled();
    const page = await now.open("/#/ledger");
    await page.keyboard.press("/");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("search");
    await page.keyboard.type("running");
    await page.keyboard.press("Tab"); // the state
    await page.keyboard.press("Tab"); // the only row
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("task-title");
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe("Finish");
    expect(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)).toBe("solid");
    await page.keyboard.press("Enter");
    await page.locator(".detail .state", { hasText: "succeeded" }).waitFor();
    expect(await focused()).toBe("Finish"); // not lost
    await page.keyboard.press("Escape");
    await page.locator(".detail").waitFor({ state: "detached" });
  });

  test("a link leads past the head", async () => {
    const page = await now.open();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  test("nothing moves by itself, with reduced motion or without", async () => {
    await filled();
    const page = await now.open("/");
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll("*")].filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return transitionDuration !== "0s" || animationName !== "none";
        }).length,
    );
    expect(moving).toBe(0);
  });
});
