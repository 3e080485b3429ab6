// What moves on a terminal while something is waited for: one line for each task that runs, gone when it has ended.
import { fit } from "./format.ts";
import type { Output } from "./output.ts";

/** A line that can be changed; nothing where nobody watches. */
export type Show = (text: string) => void;

/** One row of work: `show` changes its line. */
export type Work = (show: Show) => Promise<void>;

/** Two columns for the sign in front, and one that stays free. */
const roomFor = (text: string): string => fit(text, (process.stdout.columns || 80) - 3);

/**
 * Does all the work, `concurrency` at a time. On a terminal the screen has the line `head` gives, and one for each piece
 * of work that runs; it never holds what waits or is done.
 */
export async function withScreen(
  out: Output,
  all: readonly Work[],
  { concurrency, head }: { concurrency: number; head?: () => string },
): Promise<void> {
  if (out.kind !== "terminal") return inTurn(all, concurrency);
  const { Listr } = await import("listr2");
  const options = {
    exitOnError: false,
    // Ctrl-C is the command's to handle.
    registerSignalListeners: false,
    rendererOptions: { clearOutput: true, formatOutput: "truncate", collapseErrors: false },
  } as const;
  const work = all.map((one) => ({
    title: "",
    task: async (_: unknown, row: { title: string | undefined }) => {
      try {
        await one((text) => (row.title = roomFor(text)));
      } finally {
        row.title = ""; // a row without a title is not shown
      }
    },
  }));
  if (!head) return void (await new Listr(work, { concurrent: concurrency, ...options }).run());
  let setHead: Show = () => {};
  const timer = setInterval(() => setHead(roomFor(head())), 250);
  try {
    await new Listr(
      [
        {
          title: roomFor(head()),
          task: (_, row) => {
            setHead = (text) => (row.title = text);
            return row.newListr(work, { concurrent: concurrency, exitOnError: false });
          },
        },
      ],
      options,
    ).run();
  } finally {
    clearInterval(timer);
  }
}

async function inTurn(all: readonly Work[], concurrency: number): Promise<void> {
  const waiting = all[Symbol.iterator]();
  const worker = async () => {
    for (const one of waiting) await one(() => {});
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, worker));
}

/** One piece of work, with its line. */
export async function withLine<T>(out: Output, work: (show: Show) => Promise<T>): Promise<T> {
  let outcome: { value: T } | { error: unknown } | undefined;
  const one: Work = async (show) => {
    outcome = await work(show).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  };
  await withScreen(out, [one], { concurrency: 1 });
  if (!outcome || "error" in outcome) throw outcome?.error;
  return outcome.value;
}
