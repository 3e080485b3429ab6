// What an object of options may be called, wherever one is given.

/**
 * The members that are given: `null` and `undefined` are absent.
 *
 * @throws TypeError for what is no object; RangeError for a name that is none of `known`, with the one that was probably meant
 */
export function given<T extends object>(
  where: string,
  value: unknown,
  known: readonly (keyof T & string)[],
  what = "option",
): T {
  if (value !== undefined && value !== null && (typeof value !== "object" || Array.isArray(value)))
    throw new TypeError(`${where} must be an object with some of ${known.join(", ")}`);
  const entries = Object.entries(value ?? {}).filter(([, member]) => member !== undefined && member !== null);
  for (const [name] of entries)
    if (!(known as readonly string[]).includes(name))
      throw unknownName(`${where}: there is no ${what} ${JSON.stringify(name)}`, name, known);
  return Object.fromEntries(entries) as T;
}

function unknownName(said: string, name: string, known: readonly string[]): RangeError {
  const meant = nearest(name, known);
  const all = known.length > 0 ? `use one of ${known.join(", ")}` : "it takes none";
  return new RangeError(`${said}; ${all}${meant === undefined ? "" : `: did you mean ${meant}?`}`);
}

/** The known name that is another spelling of this one, holds it, or differs from it in a third of its letters at most. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(name);
  const distances = known.map((other) => {
    const isPart = wanted.length > 2 && (plain(other).includes(wanted) || wanted.includes(plain(other)));
    return { other, distance: isPart ? Number(plain(other) !== wanted) : edits(wanted, plain(other)) };
  });
  const [best] = distances.toSorted((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.other : undefined;
}

/** Letters to put in, leave out or change until one word is the other. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 0; at < to.length; at++)
      next.push(Math.min((row[at] ?? 0) + Number(letter !== to[at]), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    row = next;
  }
  return row.at(-1) ?? 0;
}
