// Lines for a person who watches, one a second at most, and what must be undone however a run ends.
const EVERY_MS = process.stdout.isTTY ? 1_000 : 5_000;

export type Say = (text: string) => void;

/** Says something at most once in a while; what is skipped is told by the next one. */
export function sayNowAndThen(say: Say): Say {
  let last = -Infinity;
  return (text) => {
    const now = performance.now();
    if (now - last < EVERY_MS) return;
    last = now;
    say(text);
  };
}

const undo = new Set<() => void>();

/** Registers what to undo when the program is interrupted; the returned function takes it back. Must be synchronous. */
export function onInterrupt(work: () => void): () => void {
  undo.add(work);
  return () => undo.delete(work);
}

/** Ctrl-C and SIGTERM leave no child and no file behind, and neither does an error. */
export function endCleanly(): void {
  // Not in the handlers below: another one of the same signal may end the program first.
  process.once("exit", () => {
    for (const work of undo) work();
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    process.once(signal, () => {
      console.error(`stopped by ${signal}`);
      process.exit(code);
    });
}

export const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Runs `work` over all items, at most so many at a time. */
export async function each<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
