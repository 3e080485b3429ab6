import * as fc from "fast-check";
import { expect, test } from "vitest";
import { advance } from "./state.ts";
import type { Task } from "./task.ts";

fc.configureGlobal({ seed: 4 });

const base = { vendor: "v", model: "m", id: "1" };
const at: Record<Task["state"], Task> = {
  pending: { ...base, state: "pending", nextPollAt: "2026-01-01T00:00:00Z" },
  processing: { ...base, state: "processing", nextPollAt: "2026-01-01T00:00:00Z" },
  succeeded: { ...base, state: "succeeded", videos: [{ url: "https://a.test/v.mp4" }] },
  failed: { ...base, state: "failed", failure: { code: "unknown", message: "no", billed: "unknown" } },
};
const states = Object.keys(at) as Task["state"][];
const rank = { pending: 0, processing: 1, succeeded: 2, failed: 2 };
const walk = (seen: readonly Task["state"][]) =>
  seen.reduce<Task | undefined>((known, state) => advance(known, at[state]).task, undefined);

test("the first answer is taken whatever it says", () => {
  for (const state of states) expect(advance(undefined, at[state])).toEqual({ task: at[state], verdict: "apply" });
});

test("over any sequence of answers, what is known never steps back, and the first ending stays", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...states), { minLength: 1 }), (seen) => {
      const known = seen.map((_, index) => walk(seen.slice(0, index + 1))?.state ?? "pending");
      for (const [index, state] of known.entries()) {
        const before = known[index - 1];
        if (before) expect(rank[state]).toBeGreaterThanOrEqual(rank[before]);
        if (before === "succeeded" || before === "failed") expect(state).toBe(before);
      }
    }),
  );
});

test("a late or duplicate answer after the end changes nothing and is no news", () => {
  for (const end of ["succeeded", "failed"] as const)
    for (const late of ["pending", "processing", end] as const)
      expect(advance(at[end], at[late])).toEqual({ task: at[end], verdict: "keep" });
});

test("a step back and a second, different ending are reported and not applied", () => {
  const odd = [
    ["processing", "pending"],
    ["succeeded", "failed"],
    ["failed", "succeeded"],
  ] as const;
  for (const [known, seen] of odd) expect(advance(at[known], at[seen])).toEqual({ task: at[known], verdict: "report" });
});
