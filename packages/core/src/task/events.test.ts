import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { emitter, type VidtaskEvent } from "./events.ts";

const event: VidtaskEvent = { type: "accepted", idempotencyKey: "k", ref: { vendor: "v", model: "m", id: "1" } };

test("every listener is told, whatever the others do", async () => {
  const told = vi.fn();
  const emit = emitter(
    told,
    undefined,
    () => {
      throw new Error("mine");
    },
    (() => Promise.reject(new Error("mine too"))) as never,
    (() => runInNewContext("Promise.reject(new Error('of another realm'))") as never) as never,
    (() => new Promise(() => {})) as never,
    told,
  );
  expect(emit(event)).toBeUndefined();
  expect(told.mock.calls).toEqual([[event], [event]]);
  await new Promise(setImmediate); // an unhandled rejection would fail the run here
});

test("a listener that changes its event changes nothing for the others", () => {
  const told = vi.fn();
  const vandal = (seen: VidtaskEvent) => {
    if (seen.type === "accepted") seen.ref.id = "changed";
  };
  emitter(vandal, told)(event);
  expect(told).toHaveBeenCalledWith(event);
  expect(event).toMatchObject({ ref: { id: "1" } });
});
