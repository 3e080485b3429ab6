import type { Task } from "./task.ts";

/** What to do with a newly seen state: take it, keep what is known, or keep it and report. */
export type Verdict = "apply" | "keep" | "report";

type State = Task["state"];

// Rows: what is known. Columns: what an answer says now. Terminal states absorb: a late or duplicate answer about an
// earlier state is normal on a network and changes nothing; two different endings, or a step back, are reported.
const TABLE: { readonly [known in State]: { readonly [seen in State]: Verdict } } = {
  pending: { pending: "apply", processing: "apply", succeeded: "apply", failed: "apply" },
  processing: { pending: "report", processing: "apply", succeeded: "apply", failed: "apply" },
  succeeded: { pending: "keep", processing: "keep", succeeded: "keep", failed: "report" },
  failed: { pending: "keep", processing: "keep", succeeded: "report", failed: "keep" },
};

/** The whole state machine: what is known of a task, and what an answer says of it, give what is known next. */
export function advance<T extends Task>(known: Task | undefined, seen: T): { task: Task; verdict: Verdict } {
  const verdict = known ? TABLE[known.state][seen.state] : "apply";
  return { task: verdict === "apply" || !known ? seen : known, verdict };
}
