// After the storm: `resume` names what is open, and a second submit of every key sends nothing that could charge again.
import { each } from "@vidtask/bench/progress";
import { requestOf } from "@vidtask/bench/vendors";
import type { JournalEntry, VidtaskEvent } from "vidtask";
import { startClient, type Setting } from "./crashing-client.ts";
import { endingOf, type Call } from "./endings.ts";
import { count } from "./report.ts";
import { journalRows } from "./verdict.ts";

const AT_ONCE = 40;

export type Resubmits = {
  rows: Map<string, JournalEntry>;
  states: Map<string, number>;
  unknown: Set<string>;
  /** The second submits. */
  calls: Map<string, Call>;
  violations: string[];
  told: string;
};

/** Keys that may be sent again: nothing was ever accepted under them. */
const FREE = new Set(["refused", "lost", "absent", "begun"]);

/** @param charged asked for when needed: keys under which something was charged by then */
export async function resubmitAll(
  setting: Setting,
  keys: readonly string[],
  charged: () => ReadonlyMap<string, unknown>,
): Promise<Resubmits> {
  const sends = new Map<string, number>();
  const onEvent = (event: VidtaskEvent) => {
    setting.onEvent(event);
    if (event.type === "request" && event.phase === "submit") count(sends, event.idempotencyKey ?? "");
  };
  const running = startClient({ ...setting, onEvent, failing: 0 });
  const { client } = running;
  const unknown = new Set<string>();
  const calls = new Map<string, Call>();
  const violations: string[] = [];
  const before = await journalRows(setting.file);

  for await (const resumed of client.resume({ waitTimeout: 60_000 })) {
    if ("open" in resumed && resumed.open === "unknown") unknown.add(resumed.idempotencyKey);
    if ("open" in resumed && resumed.open === "in-flight" && before.get(resumed.idempotencyKey)?.state === "sending")
      violations.push(`${resumed.idempotencyKey}: still in flight after everything came to rest`);
  }
  violations.push(...[...sends.keys()].map((key) => `${key}: resume sent a paid request`));

  const told = { tasks: 0, unknown: 0, free: 0 };
  const middle = await journalRows(setting.file);
  for (const { key, state } of middle.values())
    if (state === "unknown" && !unknown.has(key)) violations.push(`${key}: unknown, and resume did not name it`);
  const paid = charged();
  await each(keys, AT_ONCE, async (key) => {
    const row = middle.get(key);
    const began = setting.connection.clock.now();
    const ending = await endingOf(client.submit(requestOf(setting.vendor, key), { idempotencyKey: key }));
    calls.set(key, { began, ending });
    if ("odd" in ending) return void violations.push(`${key}: the second submit ${ending.odd}`);
    if (FREE.has(row?.state ?? "absent")) return void told.free++;
    if ("task" in ending && ending.task.id === row?.ref?.id) return void told.tasks++;
    if ("error" in ending && ending.error.code === "submit_unknown" && row?.state === "unknown") {
      unknown.add(key);
      return void told.unknown++;
    }
    violations.push(`${key}: ${row?.state} in the journal, and a second submit gave ${JSON.stringify(ending)}`);
  });
  await running.close();

  for (const [key, sent] of sends) {
    const isFree = FREE.has(middle.get(key)?.state ?? "absent") && !paid.has(key);
    if (!isFree) violations.push(`${key}: ${sent} paid requests left for the second submit`);
  }
  const rows = await journalRows(setting.file);
  const states = new Map<string, number>();
  for (const key of keys) count(states, rows.get(key)?.state ?? "absent");
  // A second submit of a free key may itself have ended without an answer; it said so.
  for (const key of keys)
    if (FREE.has(middle.get(key)?.state ?? "absent") && rows.get(key)?.state === "unknown") unknown.add(key);
  return {
    rows,
    states,
    unknown,
    calls,
    violations,
    told: `${told.tasks} gave their task, ${told.unknown} were told unknown, ${told.free} were free and were sent`,
  };
}
