// The slot of an accepted task, where other processes count it too.
import type { ClientContext } from "../context/context.ts";
import { track } from "../time/abort.ts";
import { backoff } from "../time/clock.ts";

/** How often a slot that could not be held is held again in the background: for about ten minutes. */
const TRIES = 30;
const ENDED: ReadonlySet<string> = new Set(["succeeded", "failed", "refused", "lost"]);

/** Holds the slot of a key for as long as its task may run. What fails is tried again behind the caller's back. */
export async function holdSlot(context: ClientContext, key: string): Promise<void> {
  if (await context.shared.hold(key)) return;
  track(context, `the shared slot of key ${key}`, keepHolding(context, key)).catch(() => {});
}

async function keepHolding(context: ClientContext, key: string): Promise<void> {
  const { clock, shared, journal } = context;
  // Of a row that cannot be read the task may well run.
  const hasEnded = async () => ENDED.has((await journal.get(key).catch(() => undefined))?.state ?? "");
  for (let tries = 1; tries <= TRIES; tries++) {
    await clock.sleep(Math.max(250, backoff(tries)));
    if (await hasEnded()) return;
    if (!(await shared.hold(key, { isQuiet: true }))) continue;
    // Another process may have seen the end, and freed what was not there yet.
    if (await hasEnded()) await shared.end(key, true);
    return;
  }
}
