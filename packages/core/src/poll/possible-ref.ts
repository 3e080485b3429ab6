import type { JournalEntry } from "../journal/journal.ts";
import { ofVariant } from "../request/plan.ts";
import type { TaskRef } from "../task/task.ts";

/** The task of a row, or the one that a damaged answer named. */
export const possibleRef = ({
  ref,
  unconfirmedTaskId: id,
  vendor,
  model,
  variant,
}: JournalEntry): TaskRef | undefined =>
  ref ?? (id === undefined ? undefined : { vendor, model, id, ...ofVariant(variant) });
