// What a fault makes of a task: it never ends, or it fails.
import type { Context, TaskFault } from "../vendors/context.ts";
import type { Vendor } from "../vendors/vendor.ts";
import { failCodeOf } from "./kinds.ts";
import type { FaultOptions } from "./options.ts";

export function taskFaultOf({ failCodes }: Vendor, fault: FaultOptions | undefined): TaskFault | undefined {
  if (fault?.kind === "stuck") return "stuck";
  const code = fault && failCodeOf(fault.kind);
  const message = code === undefined ? undefined : failCodes[code];
  return code === undefined || message === undefined ? undefined : { code, message };
}

/** Ends a running task now, as it would have ended later. */
export function endNow({ clock, store }: Context, taskId: string): void {
  const task = store.get(taskId);
  const now = clock.now();
  if (task && now < task.endsAt) store.put({ ...task, startsAt: Math.min(task.startsAt, now), endsAt: now });
}

/** Ends a running task now. */
export function applyTaskFault(taskFault: TaskFault, { clock, store }: Context, taskId: string): void {
  const task = store.get(taskId);
  if (!task) return;
  const now = clock.now();
  if (taskFault === "stuck") store.put({ ...task, endsAt: Infinity });
  else store.put({ ...task, startsAt: Math.min(task.startsAt, now), endsAt: now, failure: taskFault });
}
