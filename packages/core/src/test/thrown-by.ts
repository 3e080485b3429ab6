/** What a function throws; fails the test when it throws nothing. */
export function thrownBy(work: () => unknown): unknown {
  let value: unknown;
  try {
    value = work();
  } catch (error) {
    return error;
  }
  throw new Error(`expected an error, got ${JSON.stringify(value)}`);
}
