// What moves on a terminal while something is waited for: one line for each task that runs, gone when it has ended.
import { fit } from "./format.ts";
import type { Output } from "./output.ts";

/** A line that can be changed; nothing where nobody watches. */
export type Show = (text: string) => void;

/** One row of work: `show` changes its line. */
export type Work = (show: Show) => Promise<void>;

/** Two columns for the sign in front, and one that stays free. */
const roomFor = (text: string): string => fit(text, (process.stdout.columns || 80) - 3);

type How = { concurrency: number; head?: () => string };

/**
 * Does all the work, `concurrency` at a time. On a terminal the screen has the line `head` gives, and one for each piece
 * of work that runs; it never holds what waits or is done.
 *
 * @throws what the first piece of work throws that does: after it no other is begun, and those that run are waited for
 */
export async function withScreen(out: Output, all: readonly Work[], how: How): Promise<void> {
  let fault: { error: unknown } | undefined;
  const work = all.map((one): Work => async (show) => {
    if (!fault) await one(show).catch((error: unknown) => (fault ??= { error }));
  });
  await (out.kind === "terminal" ? onScreen(work, how) : inTurn(work, how));
  if (fault) throw fault.error;
}

async function onScreen(all: readonly Work[], { concurrency, head }: How): Promise<void> {
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

async function inTurn(all: readonly Work[], { concurrency }: How): Promise<void> {
  const waiting = all[Symbol.iterator]();
  const worker = async () => {
    for (const one of waiting) await one(() => {});
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, worker));
}

/** One piece of work, with its line. */
export async function withLine<T>(out: Output, work: (show: Show) => Promise<T>): Promise<T> {
  const values: T[] = [];
  await withScreen(out, [async (show) => void values.push(await work(show))], { concurrency: 1 });
  return values[0] as T;
}
