// What a router, or a helper over clients, needs of what their calls load.
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { HeldTasks } from "./held-tasks.ts";
import { calls, holding } from "./parts.ts";

export type { HeldTasks } from "./held-tasks.ts";

/**
 * What is held of the tasks of a client, or router: in this process, 1,000 at most, the same for all who ask.
 *
 * @throws InvalidRequestError for what is no client, at the first use
 */
export async function heldTasks(client: object): Promise<HeldTasks> {
  const part = await holding({ vendor: "", phase: "poll" });
  return part.heldTasks(client);
}

/**
 * The row of a key, where that decides by itself: `refused` and `lost` ones leave the key free.
 *
 * @throws JournalError when the journal fails, or the row cannot be used
 */
export async function liveRow(journal: Journal, key: string, vendor: string): Promise<JournalEntry | undefined> {
  const part = await calls({ vendor, phase: "submit", key });
  return part.liveRow(journal, key, vendor);
}
