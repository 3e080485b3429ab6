import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createHeap } from "./heap.ts";

const drain = (heap: { take(): number | undefined }): number[] => {
  const taken: number[] = [];
  for (let one = heap.take(); one !== undefined; one = heap.take()) taken.push(one);
  return taken;
};

test("what is taken comes in order, whatever the order in which it was added", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = createHeap<number>((a, b) => a < b);
      for (const n of numbers) heap.add(n);
      expect(drain(heap)).toEqual(numbers.toSorted((a, b) => a - b));
    }),
    { seed: 4 },
  );
});

test("what is kept stays in order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = createHeap<number>((a, b) => a < b);
      for (const n of numbers) heap.add(n);
      heap.keep((n) => n % 2 === 0);
      expect(heap.size).toBe(numbers.filter((n) => n % 2 === 0).length);
      expect(drain(heap)).toEqual(numbers.filter((n) => n % 2 === 0).toSorted((a, b) => a - b));
    }),
    { seed: 4 },
  );
});

test("an empty one has no first", () => {
  const heap = createHeap<number>((a, b) => a < b);
  expect([heap.first(), heap.take(), heap.size]).toEqual([undefined, undefined, 0]);
});
