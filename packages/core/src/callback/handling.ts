// Runs `onTask` for the end of a task: again until it has resolved once, and nowhere twice at the same time. A claim in
// the key's row, renewed while it runs, keeps other processes away; a crash lets it lapse.
import type { ClientContext } from "../client-context.ts";
import { isoTime } from "../clock.ts";
import { VidtaskError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { moveRow } from "../journal/rows.ts";
import { safeCause } from "../redact.ts";
import { refOf } from "../task/task.ts";
import type { EndedTask } from "../wait/endings.ts";

export type OnTask = (task: EndedTask, about: { key: string }) => unknown;

/** `done`: `onTask` has resolved, now or before; `busy`: it runs elsewhere; `failed`: it threw, so call again. */
export type Handled = "done" | "busy" | "failed";

/** How long a claim holds when its process dies, in ms, and how often a live one renews it. */
const CLAIM = 30_000;
const RENEW = 10_000;
/** Somebody else can win so many races for a row before the journal is taken to be broken. */
const MAX_RACES = 50;

export async function handleEnd(
  context: ClientContext,
  task: EndedTask,
  { key, onTask, emit }: { key: string; onTask: OnTask; emit: OnEvent },
): Promise<Handled> {
  const claim = await takeClaim(context, task, key);
  if (claim === "done" || claim === "busy") return claim;
  const stop = new AbortController();
  const renewing = claim.until === undefined ? undefined : keepClaim(context, key, claim.until, stop.signal);
  let failure: { error: unknown } | undefined;
  try {
    await onTask(task, { key });
  } catch (error) {
    failure = { error };
  }
  stop.abort();
  const until = await renewing;
  if (failure) {
    emit({ type: "fault", phase: "callback", key, ref: refOf(task), error: shown(context, failure.error) });
    // The claim need not lapse by itself.
    if (until !== undefined)
      await changeRow(context, key, (row) =>
        row.handlingUntil === until ? { handlingUntil: isoTime(context.clock.now()) } : undefined,
      ).catch(() => {});
    return "failed";
  }
  if (until !== undefined) await recordHandled(context, task, key, emit);
  return "done";
}

/** Changes a row by compare-and-set for as long as `patch` wants it changed; the changed row, or nothing. */
export async function changeRow(
  context: ClientContext,
  key: string,
  patch: (row: JournalEntry) => Partial<JournalEntry> | undefined,
): Promise<JournalEntry | undefined> {
  for (let races = 0; races < MAX_RACES; races++) {
    const row = await context.journal.get(key);
    const wanted = row && patch(row);
    if (!row || !wanted) return undefined;
    const changed = await moveRow(context, row, wanted);
    if (changed) return changed;
  }
  return undefined;
}

/** Without a row of this task there is nothing to claim. */
async function takeClaim(
  context: ClientContext,
  { id }: EndedTask,
  key: string,
): Promise<{ until?: string } | "done" | "busy"> {
  const now = context.clock.now();
  const until = isoTime(now + CLAIM);
  let found: "done" | "busy" | undefined;
  const claimed = await changeRow(context, key, (row) => {
    if (row.ref?.id !== id) return undefined;
    found = row.handledAt !== undefined ? "done" : Date.parse(row.handlingUntil ?? "") > now ? "busy" : undefined;
    return found ? undefined : { handlingUntil: until };
  });
  return found ?? (claimed ? { until } : {});
}

/** Renews until told to stop; resolves with the time the claim then holds to. */
async function keepClaim(context: ClientContext, key: string, first: string, stop: AbortSignal): Promise<string> {
  const { clock } = context;
  let mine = first;
  for (;;) {
    await clock.sleep(RENEW, stop).catch(() => {});
    if (stop.aborted) return mine;
    const next = isoTime(clock.now() + CLAIM);
    const renew = (row: JournalEntry) => (row.handlingUntil === mine ? { handlingUntil: next } : undefined);
    // A journal that fails for a moment: the claim still holds for two more tries.
    if (await changeRow(context, key, renew).catch(() => undefined)) mine = next;
  }
}

/** A failure is an alarm only: `onTask` has resolved, and at worst runs once more. */
async function recordHandled(context: ClientContext, task: EndedTask, key: string, emit: OnEvent): Promise<void> {
  const handled = (row: JournalEntry) =>
    row.handledAt === undefined ? { handledAt: isoTime(context.clock.now()) } : undefined;
  for (let tries = 1; ; tries++) {
    try {
      await changeRow(context, key, handled);
      return;
    } catch (error) {
      if (tries < 3) continue;
      const why = safeCause(error, context.redact).message;
      const message = `the journal does not say that the end of key ${key} was handled: ${why}`;
      return emit({ type: "alarm", alarm: "journal_failed", message, key, ref: refOf(task) });
    }
  }
}

/** What an event shows of a thrown value. */
export const shown = ({ redact }: Pick<ClientContext, "redact">, error: unknown) =>
  VidtaskError.isInstance(error) ? error.toJSON() : { message: safeCause(error, redact).message };
