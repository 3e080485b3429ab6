// Rows that a journal acknowledges while its database fails, and which of them are there afterwards.
import type { Journal, JournalEntry } from "vidtask";

const WRITERS = 8;

const entryOf = (key: string): JournalEntry => {
  const now = new Date().toISOString();
  const request = { prompt: "a waterfall" };
  const about = { vendor: "apixo", model: "kling-2-6", account: "default", request, requestHash: "1:x" };
  return { key, ...about, state: "sending", version: 1, attempt: 1, createdAt: now, updatedAt: now };
};

export type Writing = {
  /** Ends it, once what is under way has an answer. */
  stop(): Promise<{ acknowledged: string[]; refused: number }>;
};

/** Begins rows, several at a time, until it is stopped. */
export function write(journal: Journal): Writing {
  const acknowledged: string[] = [];
  let [next, refused, isOver] = [0, 0, false];
  const writer = async () => {
    while (!isOver) {
      const key = `row-${next++}`;
      try {
        await journal.begin(entryOf(key));
        acknowledged.push(key);
      } catch {
        refused++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const writers = Promise.all(Array.from({ length: WRITERS }, writer));
  return {
    async stop() {
      isOver = true;
      await writers;
      return { acknowledged, refused };
    },
  };
}

/** How many of these keys a journal does not have. */
export async function missingIn(journal: Journal, keys: readonly string[]): Promise<number> {
  let missing = 0;
  for (const key of keys) if (!(await journal.get(key))) missing++;
  return missing;
}
