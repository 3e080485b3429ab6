import type { ClientSettings } from "../context/settings.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import { parseRef } from "../task/parse-ref.ts";
import { refOf, type TaskRef } from "../task/task.ts";
import { isModelName, isTaskId } from "../vendor-spec/spec.ts";

/** A checked ref of this client's vendor. */
export function ownRef({ adapter }: ClientSettings, value: TaskRef): TaskRef {
  const ref = refOf(parseRef(value));
  const issues = [];
  if (ref.vendor !== adapter.vendor)
    issues.push(issue("ref.vendor", `${adapter.vendor}: ask the client of the vendor the task belongs to`, ref.vendor));
  else {
    if (!isTaskId(adapter, ref.id)) issues.push(issue("ref.id", `a task id of ${adapter.vendor}`, ref.id));
    if (!isModelName(adapter, ref.model)) issues.push(issue("ref.model", `a model of ${adapter.vendor}`, ref.model));
  }
  if (issues.length === 0) return ref;
  throw new InvalidRequestError({ vendor: adapter.vendor, phase: "poll", ref, issues, billed: "unknown" });
}
