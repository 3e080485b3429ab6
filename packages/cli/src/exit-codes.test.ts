import { expect, test } from "vitest";
import { EXIT, worstOf } from "./exit-codes.ts";

const order = [130, 70, 4, 5, 1, 3, 2, 0] as const;

test.each(order)("of many tasks %i decides over all that follow it in the manual", (code) => {
  const after = order.slice(order.indexOf(code));
  expect(worstOf(after.toReversed())).toBe(code);
});

test("of no task it is done", () => {
  expect(worstOf([])).toBe(EXIT.done);
});
