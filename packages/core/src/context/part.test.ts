import { expect, test, vi } from "vitest";
import { errorOf } from "../testing/vendor-suite.ts";
import { part } from "./part.ts";

const about = { vendor: "acme", phase: "poll" } as const;

test("a part is loaded once, however many ask for it", async () => {
  const load = vi.fn(async () => ({ answer: 42 }));
  const get = part(load);
  const [one, two] = await Promise.all([get(about), get(about)]);
  expect(one).toBe(two);
  expect(await get(about)).toBe(one);
  expect(load).toHaveBeenCalledOnce();
});

test("all who asked hear that it failed, and the next who asks loads it anew", async () => {
  const load = vi.fn(async () => 1).mockRejectedValueOnce(new Error("404"));
  const get = part(load);
  const errors = await Promise.all([errorOf(get(about)), errorOf(get({ ...about, phase: "submit", key: "k" }))]);
  expect(errors).toMatchObject([
    { name: "ConnectionError", phase: "poll", retryable: true, billed: "unknown" },
    { name: "ConnectionError", phase: "submit", retryable: true, billed: "no", idempotencyKey: "k" },
  ]);
  expect(await get(about)).toBe(1);
  expect(load).toHaveBeenCalledTimes(2);
});

test("an abort ends the call at once, and says whether it may be made again", async () => {
  const stop = new AbortController();
  const get = part(() => new Promise(() => {}));
  const calls = [
    get({ ...about, phase: "submit", key: "k", signal: stop.signal }),
    get({ ...about, key: "k", mayRepeat: false, signal: stop.signal }),
  ];
  stop.abort();
  expect(await Promise.all(calls.map(errorOf))).toMatchObject([
    { code: "aborted", phase: "submit", retryable: true, billed: "no", idempotencyKey: "k" },
    { code: "aborted", phase: "poll", retryable: false, billed: "unknown", idempotencyKey: "k" },
  ]);
});
