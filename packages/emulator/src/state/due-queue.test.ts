import { expect, test } from "vitest";
import { createDueQueue } from "./due-queue.ts";
import { createRandom } from "./random.ts";

test("gives what is due by its time, those of one time as they came, and forgets what is not wanted", () => {
  const random = createRandom(1);
  const queue = createDueQueue<{ at: number; order: number }>();
  const items = Array.from({ length: 500 }, (_, order) => ({ at: random.serial() % 50, order }));
  for (const item of items) queue.add(item, item.at);
  queue.keep(({ order }) => order % 3 > 0);

  const wanted = items.filter(({ order }) => order % 3 > 0).toSorted((a, b) => a.at - b.at || a.order - b.order);
  expect(queue.size).toBe(wanted.length);
  const taken = [];
  for (let now = 0; now < 50; now += 7) {
    const due = queue.take(now);
    expect(due.every(({ at }) => at <= now && at > now - 7)).toBe(true);
    taken.push(...due);
  }
  expect([...taken, ...queue.take(Infinity)]).toEqual(wanted);
  expect(queue.take(Infinity)).toEqual([]);
});
