// 11-status-page.ts against the emulator: its owner sees the task to its end, nobody else sees that there is one.
import { createApixo, formatRef } from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import { expect, test } from "vitest";
import { PAGE, statusRoute } from "./11-status-page.ts";

test("11-status-page shows a video to its owner only", async () => {
  const emulator = createEmulator({ clock: "manual" });
  const client = createApixo(emulator.for("apixo"));
  const task = await client.submit({ model: "kling-2-6", prompt: "a waterfall" });
  const route = statusRoute(client, {
    ownerOf: async (ref) => (ref === formatRef(task) ? "ann" : undefined),
    userOf: (request) => request.headers.get("x-user") ?? undefined,
  });
  const ask = (user?: string) =>
    route(
      new Request(`https://app.test/video?ref=${encodeURIComponent(formatRef(task))}`, {
        headers: user === undefined ? {} : { "x-user": user },
      }),
    );
  expect((await ask()).status).toBe(404);
  expect((await ask("bob")).status).toBe(404);
  expect(await (await ask("ann")).json()).toMatchObject({ nextPollAt: expect.any(String) });
  await emulator.clock.until(client.wait(task));
  expect(await (await ask("ann")).json()).toMatchObject({ state: "succeeded", videos: [{ url: expect.any(String) }] });
});

test("its page is a program", () => {
  const [, program = ""] = /<script type="module">([^]*)<\/script>/.exec(PAGE) ?? [];
  expect(() => Reflect.construct((async () => {}).constructor, [program])).not.toThrow();
});
