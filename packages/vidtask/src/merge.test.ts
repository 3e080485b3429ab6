import { describe, expect, test } from "vitest";
import { merge } from "./merge.ts";

const turn = () => new Promise(setImmediate);

/** A source whose steps are taken from outside. */
function source<T>() {
  const steps: ((result: IteratorResult<T>) => void)[] = [];
  const fails: ((error: Error) => void)[] = [];
  let left = 0;
  const iterator: AsyncIterableIterator<T> = {
    next: () =>
      new Promise((resolve, reject) => {
        steps.push(resolve);
        fails.push(reject);
      }),
    return: async () => {
      left++;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return {
    iterator,
    give: (value: T) => steps.pop()?.({ done: false, value }),
    end: () => steps.pop()?.({ done: true, value: undefined }),
    fail: (error: Error) => fails.pop()?.(error),
    left: () => left,
  };
}

async function* of<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("merge", () => {
  test("gives every item once and ends with the last source", async () => {
    expect(await all(merge([]))).toEqual([]);
    expect((await all(merge([of(1, 2), of<number>(), of(3)]))).toSorted()).toEqual([1, 2, 3]);
  });

  test("gives items as they come, in the order of each source", async () => {
    const [a, b] = [source<string>(), source<string>()];
    const merged = merge([a.iterator, b.iterator]);
    const first = merged.next();
    await turn();
    b.give("b1");
    expect((await first).value).toBe("b1");
    const second = merged.next();
    await turn();
    b.give("b2");
    expect((await second).value).toBe("b2");
    const third = merged.next();
    await turn();
    b.end();
    a.give("a1");
    expect((await third).value).toBe("a1");
    const last = merged.next();
    await turn();
    a.end();
    expect((await last).done).toBe(true);
  });

  test("fails with the first source that fails, and leaves the others", async () => {
    const [a, b] = [source<string>(), source<string>()];
    const next = merge([a.iterator, b.iterator]).next();
    await turn();
    a.fail(new Error("down"));
    await expect(next).rejects.toThrow("down");
    await turn();
    expect(b.left()).toBe(1);
    b.fail(new Error("later, and unheard"));
    await turn();
  });

  test("left early, it leaves every source that has not ended", async () => {
    const [a, b, c] = [source<string>(), source<string>(), source<string>()];
    const merged = merge([a.iterator, b.iterator, c.iterator]);
    const next = merged.next();
    await turn();
    c.end();
    a.give("a1");
    await next;
    await merged.return();
    expect(a.left()).toBe(1);
    expect(b.left()).toBe(1);
    expect(c.left()).toBe(0);
  });

  test("does not wait for a source that never comes", async () => {
    const never: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    for await (const item of merge([never, of(1)])) {
      expect(item).toBe(1);
      break;
    }
  });
});
