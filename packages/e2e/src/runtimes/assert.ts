// What the suites use of `node:assert/strict`, for runtimes that have no such module.
const fail = (message: string): never => {
  throw new Error(message);
};
const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && isSame(value, right.get(key)))
  );
}

const assert = {
  fail,
  ok: (value: unknown, message = `${shown(value)} is not truthy`) => void (value || fail(message)),
  equal: (a: unknown, b: unknown) => void (Object.is(a, b) || fail(`${shown(a)} is not ${shown(b)}`)),
  deepEqual: (a: unknown, b: unknown) => void (isSame(a, b) || fail(`${shown(a)} is not ${shown(b)}`)),
  match: (text: string, pattern: RegExp) => void (pattern.test(text) || fail(`${text} does not match ${pattern}`)),
  doesNotMatch: (text: string, pattern: RegExp) => void (pattern.test(text) && fail(`${text} matches ${pattern}`)),
  throws(work: () => unknown, wanted: { isInstance(error: unknown): boolean }) {
    try {
      work();
    } catch (error) {
      return void (wanted.isInstance(error) || fail(`${String(error)} was thrown`));
    }
    return fail("nothing was thrown");
  },
};

// oxlint-disable-next-line import/no-default-export -- as the module it stands for
export default assert;
