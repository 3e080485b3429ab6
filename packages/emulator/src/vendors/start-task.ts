// Starting a task that a vendor has accepted: an id, the charge, and when it will be over.
import type { Quantiles } from "../state/random.ts";
import type { StoredTask } from "../state/tasks.ts";
import type { Call, Context } from "./vendor.ts";

/** assumed, of every vendor: only the total time is known; a share of it in the queue lets a client see both running states. */
const PENDING_SHARE = 0.1;

export interface Accepted extends Pick<StoredTask, "clip" | "failure" | "model" | "usd"> {
  /** The vendor's style of an id, from a number below 10^8 that does not come back. */
  id(serial: number): string;
  /** Milliseconds from submit to end. */
  time: Quantiles;
}

/** The task's id; nothing when the balance is short. */
export function startTask(
  { account, clock, random, store, taskMs }: Context,
  call: Call,
  { id: idOf, time, ...task }: Accepted,
): string | undefined {
  let id: string;
  do id = idOf(random.serial());
  while (store.get(id));
  if (!account.charge(id, task.usd)) return undefined;

  const createdAt = clock.now();
  const drawn = Math.round(random.draw(time));
  const total = taskMs ?? drawn;
  const { taskFault } = call;
  store.put({
    ...task,
    ...(taskFault !== undefined && taskFault !== "stuck" && { failure: taskFault }),
    id,
    createdAt,
    startsAt: createdAt + Math.round(total * PENDING_SHARE),
    endsAt: taskFault === "stuck" ? Infinity : createdAt + total,
  });
  call.taskId = id;
  return id;
}
