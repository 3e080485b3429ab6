import { afterEach, beforeEach, expect, test } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "../emulator.ts";
import { control } from "../test/control-helpers.ts";
import { client, textToVideo } from "../test/helpers.ts";

let emulator: Emulator;
let server: EmulatorServer;
beforeEach(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
});
afterEach(() => server.close());

type Items = { id: unknown; state?: string }[];

/** Reads events until one of this name satisfies. */
async function events(prefix = "") {
  const response = await fetch(`${server.url}${prefix}/_emulator/events`);
  const decoder = new TextDecoder();
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = "";
  const seen: { event: string; data: Items }[] = [];
  return {
    response,
    stop: () => reader.cancel(),
    async until(event: string, is: (data: Items) => boolean = () => true): Promise<Items> {
      for (;;) {
        const found = seen.findIndex((one) => one.event === event && is(one.data));
        if (found >= 0) return seen.splice(0, found + 1).at(-1)?.data ?? [];
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended before ${event}`);
        const parts = (text += decoder.decode(value, { stream: true })).split("\n\n");
        text = parts.pop() ?? "";
        for (const part of parts) {
          const [, name = "", data = "null"] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
          if (name) seen.push({ event: name, data: JSON.parse(data) as Items });
        }
      }
    },
  };
}

test("tells what there is, and then what changes: a task that ends by time alone, too", async () => {
  const calls = client(server.for("apixo"));
  const first = await calls.created(textToVideo);
  const stream = await events();
  expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
  expect(await stream.until("tasks")).toMatchObject([{ id: first, state: "pending" }]);
  expect(await stream.until("requests")).toMatchObject([{ method: "POST", taskId: first }]);
  expect(await stream.until("ledger")).toMatchObject([{ taskId: first, kind: "charge" }]);

  const second = await calls.created(textToVideo);
  expect(await stream.until("tasks")).toMatchObject([{ id: second }]);
  await emulator.clock.advance(100_000);
  const ended = await stream.until("tasks", (tasks) => tasks.some(({ state }) => state === "succeeded"));
  expect(ended.map(({ id }) => id).toSorted()).toEqual([first, second].toSorted());
  await stream.stop();
});

test("tells of faults, balances and a reset", async () => {
  const stream = await events();
  await stream.until("status");
  await control(server).post("/faults", { on: "poll", kind: "503" });
  expect(await stream.until("status")).toMatchObject({ faults: [{ kind: "503" }], balances: [{ usd: 100 }, {}, {}] });
  emulator.reset();
  await stream.until("reset");
  await stream.stop();
});

test("tells of its own scope only", async () => {
  const stream = await events("/_scope/one");
  await client(server.for("apixo")).created(textToVideo);
  const id = await client(server.for("apixo", "one")).created(textToVideo);
  expect(await stream.until("tasks")).toMatchObject([{ id }]);
  await stream.stop();
});
