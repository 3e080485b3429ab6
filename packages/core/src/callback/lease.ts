// The lease on the end of a task, in the key's row: who has it runs `onTask`. It is renewed while that runs, keeps other
// processes away, and lapses after a crash.
import type { ClientContext } from "../context/context.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { storeNow } from "../journal/row-time.ts";
import { changeRow } from "../journal/rows.ts";
import { linkSignals } from "../time/abort.ts";
import { isoTime, safeDelay, type Clock } from "../time/clock.ts";
import { untilAborted } from "../time/until-aborted.ts";

/** How long a lease outlives its process, in ms, and how often a live process renews it. */
const LEASE = 30_000;
const RENEW = 10_000;
/** Before every clock: the lease was given back. */
const GIVEN_BACK = isoTime(0);

/** What came of taking a lease. Without a row of this task there is nothing to lease. */
export type Lease = "done" | "busy" | "none" | { until: string; row: JournalEntry };

/** `seen`: the row, where it was just read. */
export async function takeLease(
  context: ClientContext,
  key: string,
  taskId: string,
  seen?: JournalEntry,
): Promise<Lease> {
  const now = await storeNow(context);
  const until = isoTime(now + LEASE);
  let found: "done" | "busy" | undefined;
  const wanted = (row: JournalEntry) => {
    if (row.ref?.id !== taskId) return undefined;
    found = row.deliveredAt !== undefined ? "done" : isHeld(context, row, now) ? "busy" : undefined;
    return found ? undefined : { deliveryLeaseUntil: until };
  };
  const row = await changeRow(context, key, wanted, seen);
  if (row) noteLease(context, key, until);
  return found ?? (row ? { until, row } : "none");
}

/** Renews until told to stop; resolves with the time the lease then holds to. */
export async function renewLease(
  context: ClientContext,
  key: string,
  first: string,
  stop: AbortSignal,
): Promise<string> {
  let mine = first;
  for (;;) {
    await pause(context.clock, stop);
    if (stop.aborted) return mine;
    // A journal that fails for a moment: the lease still holds for two more tries.
    const renewed = await renew(context, key, mine).catch(() => undefined);
    mine = renewed ?? mine;
  }
}

async function renew(context: ClientContext, key: string, mine: string): Promise<string | undefined> {
  const next = isoTime((await storeNow(context)) + LEASE);
  const isRenewed = await changeRow(context, key, (row) =>
    row.deliveryLeaseUntil === mine ? { deliveryLeaseUntil: next } : undefined,
  );
  if (!isRenewed) return undefined;
  noteLease(context, key, next);
  return next;
}

/** Gives a lease back, so that it need not lapse. */
export const giveBack = (context: ClientContext, key: string, until: string) =>
  changeRow(context, key, (row) => (row.deliveryLeaseUntil === until ? { deliveryLeaseUntil: GIVEN_BACK } : undefined));

// In real time as well: other processes live in it, and a client's clock may be slower.
async function pause(clock: Clock, stop: AbortSignal): Promise<void> {
  const either = linkSignals(stop);
  const timer = setTimeout(() => either.abort(undefined), safeDelay(RENEW));
  await untilAborted(clock.sleep(RENEW, either.signal), either.signal, () => undefined).catch(() => {});
  clearTimeout(timer);
  either.end();
}

/** When this process wrote a lease, or first saw one of another process. */
type Sight = { until: string; clock: Clock; elapsed: number };
const sights = new WeakMap<Journal, Map<string, Sight>>();
const SIGHTS_KEPT = 10_000;

/** Whether a process may be running `onTask` for a row. */
function isHeld(context: ClientContext, { key, deliveryLeaseUntil: until }: JournalEntry, now: number): boolean {
  const { journal } = context;
  if (until === undefined || until === GIVEN_BACK) return false;
  if (journal.now || !journal.durable) return Date.parse(until) > now;
  // That time is of another machine's clock. A live process would have renewed it while this one looked on.
  const sight = sights.get(journal)?.get(key);
  if (sight?.until === until) return sight.clock.elapsed() - sight.elapsed < LEASE;
  noteLease(context, key, until);
  return true;
}

function noteLease({ journal, clock }: ClientContext, key: string, until: string): void {
  const seen = sights.get(journal) ?? new Map<string, Sight>();
  sights.set(journal, seen);
  seen.delete(key);
  seen.set(key, { until, clock, elapsed: clock.elapsed() });
  for (const oldest of seen.keys()) {
    if (seen.size <= SIGHTS_KEPT) break;
    seen.delete(oldest);
  }
}
