import { expect, test } from "vitest";
import { checkOptions } from "../options.ts";
import { createWorld } from "../world.ts";
import { createRequestLog, type RequestEntry } from "./request-log.ts";

test("the last 20,000 requests stay, oldest first", () => {
  const log = createRequestLog();
  const entryOf = (n: number): RequestEntry => ({ vendor: "", method: "GET", path: `/${n}` });
  for (let n = 1; n <= 20_007; n++) log.push(entryOf(n));
  expect(log.read()).toHaveLength(20_000);
  expect([log.read()[0], log.read().at(-1)]).toEqual([entryOf(8), entryOf(20_007)]);
});

test("an emulator's log is such a one", async () => {
  const world = createWorld(checkOptions({ clock: "manual" }));
  const ask = async () =>
    void (await world.handle(new Request("http://127.0.0.1/x"), { reused: false, base: "http://127.0.0.1" }));
  await ask();
  const [first] = world.requests;
  world.requests.push(...Array.from({ length: 19_999 }, () => ({ vendor: "", method: "GET", path: "/y" })));
  expect(world.requests[0]).toBe(first);
  await ask();
  expect(world.requests).toHaveLength(20_000);
  expect(world.requests[0]).not.toBe(first);
});
