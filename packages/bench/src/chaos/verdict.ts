// The judge: what the journal says of every key against what the emulator charged.
import type { RequestEntry } from "@vidtask/emulator";
import type { JournalEntry } from "vidtask";
import type { Ending } from "./endings.ts";
import { isRefused, type Posts } from "./posts.ts";

export type Evidence = {
  keys: readonly string[];
  /** Task ids by key. */
  charges: ReadonlyMap<string, readonly string[]>;
  rows: ReadonlyMap<string, JournalEntry>;
  /** Keys that `resume` named as unknown. */
  unknown: ReadonlySet<string>;
  posts: Posts;
  /** All endings of a key's calls, where they are known. */
  endings?: ReadonlyMap<string, readonly Ending[]>;
  /** How many times the client said that it was sending under a key. */
  sends?: ReadonlyMap<string, number>;
  /** Keys at which nothing but the network may have gone wrong: neither the journal nor the process failed. */
  undisturbed?: ReadonlySet<string>;
};

const ENDED = new Set(["accepted", "succeeded", "failed"]);

/** Everything that must not be. */
export function violationsOf(evidence: Evidence): string[] {
  const { posts, charges, keys } = evidence;
  const byKey = posts.byKey();
  const found = keys.flatMap((key) => {
    const sent = byKey.get(key) ?? [];
    const open = sent.filter((post) => !isRefused(post));
    const faults = sent.map(({ fault = "none", status = "no answer" }) => `${fault}: ${status}`).join(", ");
    return [...ofMoney(key, evidence), ...ofEndings(key, evidence), ...ofSends(key, sent, evidence)]
      .concat(open.length > 1 ? [`${open.length} paid requests left that could have been accepted`] : [])
      .concat(isNeedless(key, evidence, sent) ? ["a task that was answered well is not in the journal"] : [])
      .map((text) => `${key}: ${text} (its requests: ${faults || "none"})`);
  });
  const known = new Set(keys);
  const strange = [...charges.keys()].filter((key) => !known.has(key));
  const reused = posts.reused();
  return [
    ...found,
    ...strange.map((key) => `a charge for ${JSON.stringify(key)}, which nobody submitted`),
    ...(reused > 0 ? [`${reused} paid requests left on a connection that had carried a request before`] : []),
  ];
}

function ofMoney(key: string, { charges, rows, unknown }: Evidence): string[] {
  const [charged, ...more] = charges.get(key) ?? [];
  if (more.length > 0) return [`charged ${more.length + 1} times`];
  const row = rows.get(key);
  const state = row?.state ?? "absent";
  const isEnded = ENDED.has(state);
  if (isEnded && row?.ref?.id !== charged) return [`the journal has task ${row?.ref?.id}, the vendor ${charged}`];
  if (state === "unknown" && !unknown.has(key)) return ["unknown in the journal, but resume does not name it"];
  if (charged !== undefined && !isEnded && state !== "unknown") return [`charged, and ${state} in the journal`];
  return ["begun", "sending"].includes(state) ? [`still ${state} in the end`] : [];
}

function ofEndings(key: string, { endings, charges }: Evidence): string[] {
  const all = endings?.get(key);
  if (!endings || all?.length === 0) return endings ? ["no call ended"] : [];
  const charged = charges.get(key)?.[0];
  const found = (all ?? []).flatMap((ending) => {
    if ("odd" in ending) return [ending.odd];
    if ("task" in ending && ending.task.id !== charged) return [`returned task ${ending.task.id}, charged ${charged}`];
    return [];
  });
  const isFree = (all ?? []).every((ending) => "error" in ending && ending.error.billed === "no");
  return isFree && charged !== undefined ? [...found, "charged, though every call said that it was not"] : found;
}

// Node itself sends again after a 421, which says that the first one was not read.
function ofSends(key: string, sent: readonly RequestEntry[], { sends }: Evidence): string[] {
  const said = sends?.get(key) ?? 0;
  const reached = sent.filter(({ fault }) => fault !== "421").length;
  return sends && reached > said ? [`${reached} paid requests arrived, ${said} were sent`] : [];
}

/** In ms of the client's time; an exchange that a busy machine could not finish is given up much later. */
const AT_ONCE = 150_000;

/** A good answer, and a client that had given the request up before it could have been late. */
function isNeedless(key: string, { undisturbed, rows }: Evidence, sent: readonly RequestEntry[]): boolean {
  const row = rows.get(key);
  const isGood = sent.some(({ fault, status }) => fault === undefined && status === 200);
  if (!isGood || !undisturbed?.has(key) || ENDED.has(row?.state ?? "")) return false;
  return row?.sentAt === undefined || Date.parse(row.updatedAt) - Date.parse(row.sentAt) < AT_ONCE;
}
