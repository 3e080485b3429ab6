// How many elements a piece of work goes through: of arrays, sets and maps, by iterators and by the methods of arrays.
const METHODS = (
  "concat every filter find findIndex findLast findLastIndex flatMap forEach includes indexOf join lastIndexOf map reduce " +
  "reverse shift slice some sort splice toReversed toSorted toSpliced unshift"
).split(" ");
type Methods = Record<string, (this: ArrayLike<unknown>, ...given: unknown[]) => unknown>;

export async function countSteps(work: () => Promise<void>): Promise<number> {
  let steps = 0;
  const undo: (() => void)[] = [];
  const replace = (target: object, name: string, counted: (count: number) => number) => {
    const methods = target as Methods;
    const method = methods[name];
    if (!method) throw new Error(`there is no method ${name}`);
    methods[name] = function (...given) {
      steps += counted(this.length);
      return method.apply(this, given);
    };
    undo.push(() => void (methods[name] = method));
  };
  for (const collection of [[], new Set(), new Map()] as Iterable<unknown>[])
    replace(Object.getPrototypeOf(collection[Symbol.iterator]()) as object, "next", () => 1);
  for (const name of METHODS) replace(Array.prototype, name, (length) => length);
  try {
    await work();
  } finally {
    for (const one of undo) one();
  }
  return steps;
}
