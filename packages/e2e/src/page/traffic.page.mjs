// Callbacks, traffic, money: with a running receiver.
import { createServer } from "node:http";
import { createApixo, createReceiver, memoryJournal } from "vidtask";
import { describe, expect, test } from "vitest";
import { request, setUp } from "./browser.mjs";

const now = setUp();

describe("callbacks", () => {
  /** A receiver of the real client, running. */
  async function receiving() {
    const told = [];
    const statuses = [];
    const journal = memoryJournal();
    const options = { ...now.server.for("apixo"), journal, callback: { secret: "0123456789abcdef0123456789abcdef" } };
    const http = createServer();
    await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${http.address().port}/hooks`;
    const client = createApixo({ ...options, callback: { ...options.callback, url } });
    const receiver = createReceiver({ clients: [client], onTask: async (task) => void told.push(task) });
    http.on("request", async (incoming, outgoing) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const answer = await receiver.fetch(
        new Request(new URL(incoming.url, url), {
          method: "POST",
          headers: incoming.headers,
          body: Buffer.concat(chunks),
        }),
      );
      statuses.push(answer.status);
      outgoing.writeHead(answer.status).end();
    });
    return { client, told, statuses, stop: () => new Promise((resolve) => http.close(resolve)) };
  }

  test("a forged one is not believed by a running receiver, the true one is, and each attempt is shown", async () => {
    const { client, told, statuses, stop } = await receiving();
    try {
      const task = await client.submit(request, { idempotencyKey: "order-7" });
      const page = await now.open(`/#/tasks/${task.id}`);
      await page.getByRole("button", { name: "Forge success" }).click();
      await page.locator(".timeline .callback", { hasText: "forged" }).waitFor();
      await expect.poll(() => statuses).toEqual([503]); // it is shown as soon as it is sent
      expect(told).toEqual([]);
      expect((await client.get(task)).state).not.toBe("succeeded");

      await page.waitForTimeout(2_200); // a receiver asks for one task every 2 s
      await page.getByRole("button", { name: "Finish" }).click();
      await page.locator(".timeline .callback", { hasText: "attempt 1" }).waitFor();
      await expect.poll(() => told.length).toBe(1);
      expect(told[0]).toMatchObject({ id: task.id, state: "succeeded" });
      expect(told[0].videos[0].url).not.toContain("forged");

      await page.getByRole("button", { name: "Redeliver callback" }).click();
      await page.locator(".timeline .callback", { hasText: "attempt 2" }).waitFor();
      expect(told).toHaveLength(1);
      await page.getByRole("link", { name: "Callbacks" }).click();
      await expect.poll(() => page.locator("li.row", { hasText: task.id }).count()).toBe(3);
    } finally {
      await stop();
    }
  });
});

describe("traffic", () => {
  test("is shown with its bodies, and without a key", async () => {
    await now.apixo.submit(request);
    const page = await now.open("/#/requests");
    await page.getByRole("button", { name: /^Show request/ }).click();
    await page.getByText("authorization: Bearer ••••").waitFor();
    const text = await page.locator(".exchange").innerText();
    expect(text).toContain('"prompt": "a waterfall"');
    expect(text).toContain('"taskId": "task_');
    expect(await page.content()).not.toContain("emulator-key-apixo");
  });

  test("the ledger and the balances tell what was paid", async () => {
    const task = await now.apixo.submit(request);
    const page = await now.open("/#/ledger");
    await page.locator("li.row", { hasText: task.id }).getByText("$0.10").waitFor();
    await page.locator(".balances").getByText("$99.90").waitFor();
  });

  test("how faithful it is, vendor by vendor", async () => {
    const page = await now.open("/#/fidelity");
    await page.getByText("accounts.apixo.resultLifeMs: 86400000").waitFor();
    for (const vendor of ["apixo", "aivideoapi", "apimodels"])
      await page.getByRole("heading", { name: vendor }).waitFor();
  });

  test("no request goes to another host, and no rule of the policy is broken", async () => {
    const task = await now.apixo.submit(request);
    await now.api(`/tasks/${task.id}/finish`, { method: "POST" });
    const page = await now.open(`/#/tasks/${task.id}`);
    await page.locator("video").waitFor();
    for (const name of ["Requests", "Callbacks", "Ledger", "Faults", "Fidelity"])
      await page.getByRole("link", { name }).click();
    expect([...now.seen.hosts]).toEqual([now.server.url]);
    expect(now.seen.errors).toEqual([]);
  });
});
