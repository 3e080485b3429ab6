import type { Journal } from "../journal/journal.ts";
import type { TaskRef } from "../task/task.ts";
import { settling } from "./parts.ts";
import { checkSettle, type SettleSubmitOptions } from "./settle-options.ts";

/**
 * Closes an unknown submit by hand, after a look into the vendor's dashboard: with the ref of its task, or as `"lost"`,
 * which frees the key for another paid request. Declaring it lost is refused until neither a task nor a callback of it can
 * turn up: an hour after it was sent, or longer where the vendor of `client` takes longer. How long ago that was is told by
 * the journal's `now`, or by the process that sent it. With `force` it is lost at once, also where that cannot be told, and
 * also a submit that was begun or is being sent: by a process that is gone. With `client` the vendor is asked for the task
 * before it is written.
 *
 * @throws InvalidRequestError when an argument is wrong, the key is not there, not open, or too young, or the vendor has no
 * such task; what `get` throws when it cannot be asked; JournalError when the row moved
 * meanwhile, or the journal failed
 */
export async function settleSubmit(
  journal: Journal,
  key: string,
  outcome: TaskRef | "lost",
  options?: SettleSubmitOptions,
): Promise<void> {
  const given = checkSettle({ journal, idempotencyKey: key, outcome }, options);
  const { settle } = await settling({ vendor: "", phase: "submit", key });
  return settle(given);
}
