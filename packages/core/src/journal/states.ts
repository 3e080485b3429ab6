// The states of a submit's journal row, which state may follow which, and how long a row may stay in one.
import type { Adapter } from "../vendor-spec/spec.ts";

/**
 * The state of a submit. `begun`: nothing has left; `sending`: the paid request may be on its way; `accepted`: the task exists;
 * `refused`: it does not exist; `unknown`: it may exist; `lost`: someone declared that it does not exist; `succeeded` and
 * `failed`: how the task ended.
 */
export type JournalState = "begun" | "sending" | "accepted" | "refused" | "unknown" | "lost" | "succeeded" | "failed";

// What may follow what: `accepted` is never overwritten by less.
const NEXT: { readonly [state in JournalState]: readonly JournalState[] } = {
  begun: ["sending", "refused"],
  sending: ["begun", "accepted", "refused", "unknown"],
  accepted: ["succeeded", "failed"],
  refused: ["accepted"],
  unknown: ["accepted", "lost"],
  lost: ["accepted"],
  succeeded: [],
  failed: [],
};

/** True for the name of a state. */
export const isJournalState = (value: unknown): value is JournalState =>
  typeof value === "string" && Object.hasOwn(NEXT, value);

/** True when a row may go from one state to another; staying is always allowed. */
export const mayFollow = (from: JournalState, to: JournalState): boolean => from === to || NEXT[from].includes(to);

/** A POST starts within this time of the row saying so, or not at all. */
export const SEND_WITHIN = 10_000;

/** A `begun` row whose owner is this late has sent nothing. */
export const BEGUN_GRACE = 60_000;

/** A `sending` row this old has no live POST any more: every POST is bounded to 120 s. */
export const SENDING_LIFE = 180_000;

/** A task's slot is free after this: of a vendor that says nothing of tasks that take longer. */
export const LONGEST_TASK = 20 * 60_000;

/** Above the redelivery of every vendor. */
const REDELIVERY = 3_600_000;

/** How long after its POST a task can still turn up: its longest run, and then the time in which the vendor calls back. */
export const knownWithin = ({
  maxTaskMs = LONGEST_TASK,
  callbackWindowMs = REDELIVERY,
}: Pick<Adapter, "maxTaskMs" | "callbackWindowMs">): number => maxTaskMs + callbackWindowMs;
