// What options are given by mistake, by the kind of option.
const noNumber = [Number.NaN, -1, "30s", {}, true];

export const WRONG = {
  duration: [...noNumber, Number.POSITIVE_INFINITY, -0.5, "0"],
  positiveDuration: [...noNumber, Number.POSITIVE_INFINITY, 0],
  callable: ["fetch", {}, 7, true],
  signal: [new AbortController(), "signal", 7, {}],
  /** Objects that seem to hold options and have none. */
  options: [new Map([["interval", 5]]), Promise.resolve({}), new Date(0), /x/, new Error("x")],
  poll: [
    7,
    "fast",
    [],
    { interval: 0 },
    { interval: Number.NaN },
    { first: -1 },
    { first: "1s" },
    { learn: "no" },
    { every: 5 },
  ],
} as const;

/** A row for each value. */
export const rows = (option: string, values: readonly unknown[]): { option: string; value: unknown }[] =>
  values.map((value) => ({ option, value }));

type Issue = { path: string; rule: string; message: string };

/** The issues of an error that is an `InvalidRequestError`, of another copy of core too. */
export function issuesOf(error: unknown): Issue[] {
  const { name, issues } = error as { name?: string; issues?: Issue[] };
  if (name !== "InvalidRequestError" || !issues) throw new Error(`no InvalidRequestError: ${String(error)}`);
  return issues;
}

/** The options that an error blames, without their parts. */
export const blamed = (error: unknown): string[] => [
  ...new Set(issuesOf(error).map(({ path }) => path.split(".")[0] ?? "")),
];
