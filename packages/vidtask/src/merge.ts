/** Items of several async iterables in the order in which they come; ends, or fails, with the sources. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const take = async (index: number) => ({ index, step: await iterators[index]?.next() });
  const pending = new Map(iterators.map((_, index) => [index, take(index)]));
  try {
    while (pending.size > 0) {
      const { index, step } = await Promise.race(pending.values());
      pending.delete(index);
      if (!step || step.done) continue;
      pending.set(index, take(index));
      yield step.value;
    }
  } finally {
    // Left early: nothing waits for what is under way.
    for (const [index, next] of pending) {
      next.catch(() => {});
      void iterators[index]?.return?.()?.catch(() => {});
    }
  }
}
