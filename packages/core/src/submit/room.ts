// Room for one more task, and money for it, where other processes count them too.
import { safeCause } from "../redact.ts";
import { type ConnectionError, InvalidRequestError, JournalError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { filesOf } from "./file-way.ts";
import { notSubmitted, rateLimited, submitAborted, type Submission } from "./submission.ts";

/** In ms, whatever a store says: it is not asked without a pause. */
const LEAST_WAIT = 50;

const about = ({ context, key }: Submission) => ({
  vendor: context.adapter.vendor,
  phase: "submit" as const,
  idempotencyKey: key,
});

/** A slot and one request in the shared limits, asked for as long as a POST may still start. */
export async function takeRoom(run: Submission): Promise<void> {
  const { context, key, stop } = run;
  if (run.hasRoom) {
    run.hasRoom = false; // of the next try not any more
    if (filesOf(run).length > 0) await context.shared.renew(key); // what was uploaded took its time
    return;
  }
  for (;;) {
    const answer = await inStore(run, "limits", () => context.shared.take(key));
    if (answer.ok) return;
    if (!(answer.waitMs <= run.remaining())) throw rateLimited(run) ?? noRoom(run, answer.waitMs);
    await context.clock.sleep(Math.max(LEAST_WAIT, answer.waitMs || 0), stop).catch(() => {});
    if (stop.aborted) throw submitAborted(run);
  }
}

/** Whether a step, which waits for nothing, has room: without it nothing is written. @throws the error of a submit without room */
export async function roomOfStep(run: Submission): Promise<void> {
  const { step, context } = run;
  if (!step || run.hasRoom) return;
  const { limiter } = context;
  if (!limiter.hasSlot() || !limiter.isOpen()) throw rateLimited(run) ?? noRoom(run, limiter.opensIn());
  await takeRoom(run);
  run.hasRoom = true;
}

/** The error of a submit that the limits, this client's or the shared ones, kept back for too long. */
export function noRoom(run: Submission, waitMs: number): ConnectionError {
  run.step?.lacksRoom(waitMs);
  const { vendor } = run.context.adapter;
  return notSubmitted(
    run,
    `the client's own limits left no room for a submit to ${vendor} in time; nothing was sent: submit again`,
  );
}

/** Reserves the planned price. @throws InvalidRequestError when it is above what is left, or no price is known */
export async function reserveMoney(run: Submission): Promise<void> {
  const { context, key, plan } = run;
  const { budget } = context.options;
  if (!budget) return;
  const refuse = (rule: string) => new InvalidRequestError({ ...about(run), issues: [issue("budget", rule)] });
  if (!plan.price) throw refuse("absent for a model whose price is not known; the client's `prices` can give one");
  const { usd } = plan.price;
  const reservation = await inStore(run, "budget", () => context.shared.reserve(key, usd));
  if (!reservation || reservation.ok) return;
  throw refuse(`at least $${usd} more: of $${budget.usd}, $${reservation.reservedUsd} are spent or reserved`);
}

/** A store that fails refuses the submit. */
async function inStore<T>(run: Submission, what: "limits" | "budget", work: () => Promise<T>): Promise<T> {
  const { context, stop } = run;
  try {
    return await untilAborted(work(), stop, () => stop.reason);
  } catch (error) {
    if (stop.aborted) throw submitAborted(run);
    const cause = safeCause(error, context.redact);
    const message = `the shared ${what} failed (${cause.message}), so nothing was sent; repair their store and submit again`;
    throw new JournalError(message, { ...about(run), cause });
  }
}
