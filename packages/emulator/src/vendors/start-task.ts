// Starting a task that a vendor has accepted: an id, the charge, and when it will be over.
import type { Quantiles } from "../state/random.ts";
import type { StoredTask } from "../state/tasks.ts";
import type { Call, Context } from "./context.ts";
import type { NewTask } from "./dialect-parts.ts";
import type { Vendor } from "./vendor.ts";

/** assumed, of every vendor: only the total time is known; a share of it in the queue lets a client see both running states. */
const PENDING_SHARE = 0.1;

/** The task; nothing when the balance is short. */
export function startTask(
  { name }: Pick<Vendor, "name">,
  { account, clock, random, store, taskMs }: Context,
  call: Call,
  { id: idOf = (serial) => `${name}_${String(serial).padStart(8, "0")}`, time, clip, ...task }: NewTask,
): StoredTask | undefined {
  let id: string;
  do id = idOf(random.serial());
  while (store.get(id));
  if (!account.charge(id, task.usd)) return undefined;

  const createdAt = clock.now();
  const drawn = Math.round(random.draw(quantilesOf(time)));
  const total = taskMs ?? drawn;
  const { taskFault } = call;
  const started: StoredTask = {
    ...task,
    ...(taskFault !== undefined && taskFault !== "stuck" && { failure: taskFault }),
    clip: { duration: 5, aspectRatio: "16:9", sound: false, ...clip },
    id,
    createdAt,
    startsAt: createdAt + Math.round(total * PENDING_SHARE),
    endsAt: taskFault === "stuck" ? Infinity : createdAt + total,
  };
  store.put(started);
  call.taskId = id;
  return started;
}

function quantilesOf(time: NewTask["time"]): Quantiles {
  const [from, to] = time;
  return typeof from === "number" ? [[0, from], [1, Number(to)]] : (time as Quantiles); // prettier-ignore
}
