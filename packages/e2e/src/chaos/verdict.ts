// The judge: what the journal says of every key against what the emulator charged.
import type { RequestEntry } from "@vidtask/emulator";
import type { JournalEntry } from "vidtask";
import { sqliteJournal } from "vidtask/node";
import { nameOf, type Call } from "./endings.ts";
import { isRefused, type Charge, type Posts } from "./paid-requests.ts";

export type Evidence = {
  keys: readonly string[];
  charges: ReadonlyMap<string, readonly Charge[]>;
  rows: ReadonlyMap<string, JournalEntry>;
  /** Keys that `resume`, or a later call, named as unknown. */
  unknown: ReadonlySet<string>;
  posts: Posts;
  /** All calls of a key, where they are known. */
  calls?: ReadonlyMap<string, readonly Call[]>;
  /** How many times the client said that it was sending under a key. */
  sends?: ReadonlyMap<string, number>;
  /** Keys whose answer the client could not take: its process died, or its own time for the request was over. */
  cutOff?: ReadonlySet<string>;
  /** Paid requests may leave on a connection that has carried a request before. */
  mayReuse?: boolean;
  /** Keys whose wait ended in an error, where everything was waited for: all others have ended. */
  unfinished?: ReadonlySet<string>;
};

const ENDED = new Set(["succeeded", "failed"]);
const PAID = new Set(["accepted", ...ENDED]);

/** Everything that must not be. */
export function violationsOf(evidence: Evidence): string[] {
  const { posts, charges, keys } = evidence;
  const byKey = posts.byKey();
  const found = keys.flatMap((key) => {
    const sent = byKey.get(key) ?? [];
    const open = sent.filter((post) => !isRefused(post));
    const faults = sent.map(({ fault = "none", status = "no answer" }) => `${fault}: ${status}`).join(", ");
    return [...ofMoney(key, evidence), ...ofCalls(key, evidence), ...ofSends(key, sent, evidence)]
      .concat(open.length > 1 ? [`${open.length} paid requests left that could have been accepted`] : [])
      .concat(isLost(key, evidence, sent) ? ["a task that was answered well is not in the journal"] : [])
      .map((text) => `${key}: ${text} (its requests: ${faults || "none"}; ${toldOf(key, evidence)})`);
  });
  const known = new Set(keys);
  const strange = [...charges.keys()].filter((key) => !known.has(key));
  const { posts: reused } = posts.reused();
  return [
    ...found,
    ...strange.map((key) => `a charge for ${JSON.stringify(key)}, which no call submitted`),
    ...(reused > 0 && !evidence.mayReuse
      ? [`${reused} paid requests left on a connection that had carried a request before`]
      : []),
  ];
}

/** What its calls and the journal say of a key. */
function toldOf(key: string, { calls, rows }: Evidence): string {
  const endings = (calls?.get(key) ?? []).map(({ ending }) => nameOf(ending)).join(", ");
  return `its calls: ${endings || "not known"}; its row: ${rows.get(key)?.state ?? "absent"}`;
}

function ofMoney(key: string, { charges, rows, unknown, unfinished }: Evidence): string[] {
  const [charged, ...more] = charges.get(key) ?? [];
  if (more.length > 0) return [`charged ${more.length + 1} times`];
  const { state = "absent", ref } = rows.get(key) ?? {};
  if (PAID.has(state) && ref?.id !== charged?.id)
    return [`the journal has task ${ref?.id}, the vendor ${charged?.id ?? "none"}`];
  if (state === "accepted" && unfinished?.has(key) === false) return ["accepted, and its end was never journaled"];
  if (state === "unknown" && !unknown.has(key)) return ["unknown in the journal, and no call said so"];
  if (charged && !PAID.has(state) && state !== "unknown") return [`charged, and ${state} in the journal`];
  return ["begun", "sending"].includes(state) ? [`still ${state} in the end`] : [];
}

function ofCalls(key: string, { calls, charges }: Evidence): string[] {
  if (!calls) return [];
  const all = calls.get(key) ?? [];
  if (all.length === 0) return ["no call ended"];
  const charged = charges.get(key)?.[0];
  const found = all.flatMap(({ ending }) => {
    if ("odd" in ending) return [ending.odd];
    if ("task" in ending && ending.task.id !== charged?.id)
      return [`returned task ${ending.task.id}, charged ${charged?.id ?? "none"}`];
    return [];
  });
  // What was charged before any other call began was charged by one that said it was not.
  const others = all.filter(({ ending }) => !("error" in ending) || ending.error.billed !== "no");
  const isDenied = charged && charged.at < Math.min(...others.map(({ began }) => began));
  return isDenied ? [...found, "charged, though every call until then said that it was not"] : found;
}

// The emulator's own `fetch` sends again after a 421, as Node's does: it says that the first one was not read.
function ofSends(key: string, sent: readonly RequestEntry[], { sends }: Evidence): string[] {
  const said = sends?.get(key) ?? 0;
  const reached = sent.filter(({ fault }) => fault !== "421").length;
  return sends && reached > said ? [`${reached} paid requests arrived, ${said} were sent`] : [];
}

function isLost(key: string, { cutOff, rows }: Evidence, sent: readonly RequestEntry[]): boolean {
  const isAnswered = sent.some(({ fault, status }) => fault === undefined && status === 200);
  return isAnswered && cutOff?.has(key) === false && !PAID.has(rows.get(key)?.state ?? "absent");
}

/** What the journal says in the end. */
export async function journalRows(file: string): Promise<Map<string, JournalEntry>> {
  const journal = sqliteJournal(file);
  const rows = new Map<string, JournalEntry>();
  for await (const row of journal.list()) rows.set(row.key, row);
  journal.close();
  return rows;
}
