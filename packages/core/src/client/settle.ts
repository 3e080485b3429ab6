import type { Journal } from "../journal/journal.ts";
import type { TaskRef } from "../task/task.ts";
import { settling } from "./parts.ts";
import { checkSettle, type SettleSubmitOptions } from "./settle-options.ts";

/**
 * Closes an unknown submit, once you have checked the vendor's dashboard: with the ref of its task, or as `"lost"`,
 * which frees the key for another paid request. `"lost"` is refused while a task or its callback may still
 * turn up: for an hour after the submit was sent, or longer if the vendor of `client` takes longer. The age is measured by
 * the journal's `now`, or by the process that sent the submit. `force` declares it lost at once, even if its age is not known,
 * or if a process that is gone had begun it or was sending it. With `client`, the vendor is asked for the task
 * before its ref is written.
 *
 * @throws InvalidRequestError if an argument is wrong, the key has no open submit or one that is too young, or the vendor has no
 * such task; what `get` throws if the vendor cannot be asked; JournalError if the row changed meanwhile, or the journal failed
 */
export async function settleSubmit(
  journal: Journal,
  idempotencyKey: string,
  outcome: TaskRef | "lost",
  options?: SettleSubmitOptions,
): Promise<void> {
  const given = checkSettle({ journal, idempotencyKey, outcome }, options);
  const { settle } = await settling({ vendor: "", phase: "submit", key: idempotencyKey });
  return settle(given);
}
