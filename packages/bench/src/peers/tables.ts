// The tables of a run, as Markdown that a terminal shows well, too.
import { postFaults, pollFaults } from "./faults.ts";
import { TRUE_SECONDS, type Lag } from "./measures/lag.ts";
import type { Form } from "./peer.ts";
import { peers } from "./peers.ts";
import type { PeerResults, Results, Spread } from "./results.ts";

type Table = {
  readonly title: string;
  readonly text: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

export const tablesOf = (results: Results): string[] => [...allOf(results).map(shown), forms()];
/** What the front page of the benchmarks shows. */
export const summaryOf = (results: Results): string => grid(summary(results));

const allOf = (results: Results): Table[] => [
  posts(results),
  faults(results),
  aborts(results),
  lags(results, "lag"),
  lags(results, "polls"),
  costs(results),
  weights(results),
];

const WAYS: { readonly [form in Lag[number]["form"]]: string } = {
  quickStart: "quick start",
  best: "best options",
  "after five ends": "after five ends",
};
/** One row a way; where two ways of a client give the same, one row. */
function rowsOf<T extends { form: Lag[number]["form"] }>(
  all: readonly PeerResults[],
  of: (peer: PeerResults) => readonly T[],
  cells: (one: T) => string[],
): string[][] {
  return all.flatMap((peer) => {
    const rows = of(peer).map((one) => ({ form: one.form, cells: cells(one) }));
    const isOne = rows.every((row) => row.cells.join("|") === rows[0]?.cells.join("|"));
    const kept = isOne ? rows.slice(0, 1) : rows;
    return kept.map((row) => [kept.length === 1 ? peer.name : `${peer.name}, ${WAYS[row.form]}`, ...row.cells]);
  });
}

const posts = ({ peers: all }: Results): Table => ({
  title: "Paid requests that one call sends",
  text: "The first paid request meets the fault; what comes after it is taken. More than 1 may be charged more than once. ✓: the call went on to a video; *: the repeated requests carry one idempotency key. Called again: in all, when the program calls once more for the same video after a call that failed, as a queue or a cron does.",
  head: ["", ...postFaults.map(({ name }) => name), "called again, at most"],
  rows: rowsOf(
    all,
    ({ paidPosts }) => paidPosts,
    ({ faults: found }) => [
      ...found.map(({ posts: n, isDone, hasKey }) => `${n}${hasKey ? "*" : ""}${isDone ? " ✓" : ""}`),
      `${Math.max(...found.map(({ postsInTwoCalls }) => postsInTwoCalls))}`,
    ],
  ),
});

const faults = ({ peers: all }: Results): Table => ({
  title: "Faults of polls that a wait survives",
  text: "The task runs on and succeeds. *once*: one poll meets the fault, *a minute*: all polls of a minute do. Id: whether the task's id is in the error that the wait ends with, of those faults that end it.",
  head: ["", ...pollFaults.map(({ name }) => name), "once", "a minute", "id in the error"],
  rows: rowsOf(
    all,
    ({ polls }) => polls,
    ({ faults: found }) => {
      const of = (name: string) => found.find(({ fault }) => fault === name);
      const mark = (name: string) => {
        const one = of(name);
        if (!one) return "cannot happen";
        return one.survivesMinute ? "a minute" : one.survivesOnce ? "once" : "no";
      };
      const count = (is: "survivesOnce" | "survivesMinute") =>
        `${found.filter((one) => one[is]).length} of ${found.length}`;
      const ended = found.filter((one) => one.hasId !== undefined);
      const ids = ended.length === 0 ? "no error" : `${ended.filter((one) => one.hasId).length} of ${ended.length}`;
      return [...pollFaults.map(({ name }) => mark(name)), count("survivesOnce"), count("survivesMinute"), ids];
    },
  ),
});

const aborts = ({ peers: all }: Results): Table => ({
  title: "An abort 20.25 s after the call",
  text: "How soon the promise ends, how many polls follow, where the program has the task's id from, and whether the task is still running at the vendor; and how many paid requests there are in all when the program calls once more for the same video.",
  head: ["", "ends after", "polls after it", "the task's id", "the task", "paid requests when called again"],
  rows: rowsOf(
    all,
    ({ abort }) => abort,
    ({ stopsAfterMs, pollsAfter, id, isCanceled, postsInTwoCalls }) => [
      stopsAfterMs === undefined ? "does not end" : secondsOf(stopsAfterMs),
      `${pollsAfter}`,
      id === "nowhere" ? "nowhere" : id === "before" ? "given before" : "in the error",
      isCanceled ? "canceled" : "runs on",
      stopsAfterMs === undefined ? "no call to repeat" : `${postsInTwoCalls}`,
    ],
  ),
});

function lags({ peers: all, before, draws }: Results, of: "lag" | "polls"): Table {
  const cells = ({ rows }: Lag[number]) =>
    rows.map(({ polls, lagMs, worstMs }) =>
      of === "polls" ? polls.toFixed(1) : `${(lagMs / 1_000).toFixed(1)} (${(worstMs / 1_000).toFixed(1)})`,
    );
  const earlier = (before?.lag ?? []).map((one) => [`vidtask, before (${before?.commit})`, ...cells(one)]);
  return {
    title: of === "lag" ? "Seconds from a task's end until it is seen: mean (worst)" : "Polls of a task",
    text: `By how long the task really takes; our vendor documents 50 to 70 s for the model, the others' clients know no times. ${draws} durations each, 5 % more or less, in virtual time and without faults.`,
    head: ["", ...TRUE_SECONDS.map((seconds) => `${seconds} s`)],
    rows: [...earlier, ...rowsOf(all, ({ lag }) => lag, cells)],
  };
}

const costs = ({ peers: all, isQuick }: Results): Table => ({
  title: "CPU and memory of one video and ten polls",
  text: `Medians (10 % to 90 %) of processes that take turns${isQuick ? ", few of them" : ""}; × is to the bare loop. Each client's requests for the result are in it. The waits between polls are 1 ms by the client's own option, or, at Runway's, by a shortened timer.`,
  head: ["", "ms of CPU", "×", "kB allocated", "×"],
  rows: all.map(({ name, cpu, allocated }) => [
    name,
    spread(cpu, 2),
    ratio(cpu),
    spread(allocated, 0),
    ratio(allocated),
  ]),
});

const weights = ({ peers: all, typescript }: Results): Table => ({
  title: "What a program pays for the import",
  text: `Start: CPU of a program that only imports it, × an empty one. Bundle: minified, gzipped kB of what is loaded at the start, and of one file that holds also what is behind \`import()\`. Compiler: CPU of TypeScript ${typescript}, \`skipLibCheck\`, a program of ten lines, × the same without a library.`,
  head: ["", "start, ms", "×", "bundle, kB", "all, kB", "compiler, s", "×", "types", "instantiations"],
  rows: all.map(({ name, start, size, compile, types, instantiations }) => [
    name,
    spread(start, 0),
    ratio(start),
    kB(size.start),
    kB(size.all),
    spread({ ...compile, median: compile.median / 1e3, low: compile.low / 1e3, high: compile.high / 1e3 }, 1),
    ratio(compile),
    `${types}`,
    `${instantiations}`,
  ]),
});

/** A list: reasons are long for a table. */
function forms(): string {
  const line = (name: string, { calls, why }: Form) => `- **${name}**: \`${calls}\`. ${why}`;
  const lines = peers.flatMap(({ name, quickStart, best }) =>
    best ? [line(`${name}, quick start`, quickStart), line(`${name}, best options`, best)] : [line(name, quickStart)],
  );
  return ["## How each client is used", "", ...lines].join("\n");
}

/** Of the best options; what it costs to be faster is beside it. */
function summary({ peers: all }: Results): Table {
  return {
    title: "",
    text: "",
    head: [
      "",
      "paid requests",
      "called again",
      "poll faults survived: once, a minute",
      "id in errors",
      "60 s task: polls, lag",
      "180 s task",
      "CPU ×",
      "start ×",
      "bundle, kB",
    ],
    rows: all.map(({ name, paidPosts, polls, lag, cpu, start, size }) => {
      const posts = paidPosts.at(-1)?.faults ?? [];
      const most = (of: "posts" | "postsInTwoCalls") => `${Math.max(...posts.map((one) => one[of]))}`;
      const found = polls.at(-1)?.faults ?? [];
      const survivors = (is: "survivesOnce" | "survivesMinute") => found.filter((one) => one[is]).length;
      const ended = found.filter((one) => one.hasId !== undefined);
      const shownAt = (seconds: number) => {
        const at = (rows: Lag[number]["rows"] = []) => {
          const row = rows.find((one) => one.seconds === seconds);
          return row ? `${row.polls.toFixed(0)}, ${secondsOf(row.lagMs)}` : "";
        };
        const learned = lag.find(({ form }) => form === "after five ends");
        const plain = at(lag.findLast((one) => one !== learned)?.rows);
        return learned ? `${plain}; after five such ends ${at(learned.rows)}` : plain;
      };
      return [
        name,
        most("posts"),
        most("postsInTwoCalls"),
        `${survivors("survivesOnce")}, ${survivors("survivesMinute")} of ${found.length}`,
        ended.length === 0 ? "no error" : `${ended.filter((one) => one.hasId).length} of ${ended.length}`,
        shownAt(60),
        shownAt(180),
        ratio(cpu),
        ratio(start),
        size.start < 0.95 * size.all ? `${kB(size.start)}; in one file ${kB(size.all)}` : kB(size.all),
      ];
    }),
  };
}

const secondsOf = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const kB = (bytes: number) => (bytes < 100 ? "0" : (bytes / 1_000).toFixed(1));
const ratio = (figure: Spread) => figure.ratio.toFixed(figure.ratio < 10 ? 2 : 1);
const spread = ({ median, low, high }: Spread, digits: number) =>
  `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;

const shown = (table: Table): string =>
  [`## ${table.title}`, "", ...(table.text ? [table.text, ""] : []), grid(table)].join("\n");

function grid({ head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)].join("\n");
}
