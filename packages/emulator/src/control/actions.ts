// What a person may do to a task: what chance and time do otherwise.
import type { StoredTask } from "../state/tasks.ts";
import type { Part } from "../vendors/vendor.ts";
import type { World } from "../world.ts";

export type Action = "fail" | "finish" | "stick";

/** Why it cannot be done; nothing when it was. */
export function act(
  world: World,
  { vendor, context: { clock, store } }: Part,
  task: StoredTask,
  action: Action,
  code: string | undefined,
): string | undefined {
  const state = store.state(task);
  if (state !== "pending" && state !== "processing") return `the task has ended already: ${state}`;
  if (task.pinned) return "the task was planted and stays as it is";
  const now = clock.now();
  const over = { startsAt: Math.min(task.startsAt, now), endsAt: now };
  switch (action) {
    case "stick":
      store.put({ ...task, endsAt: Infinity });
      break;
    case "finish":
      store.put({ ...task, ...over, failure: undefined });
      break;
    case "fail": {
      const known = Object.keys(vendor.failCodes);
      const chosen = code ?? known[0] ?? "";
      const message = Object.hasOwn(vendor.failCodes, chosen) ? vendor.failCodes[chosen] : undefined;
      if (message === undefined)
        return `${vendor.name} documents no code ${JSON.stringify(chosen)} of a failed task; use one of ${known.join(", ")}`;
      store.put({ ...task, ...over, failure: { code: chosen, message } });
    }
  }
  world.callbacks.moved(task.id);
  return undefined;
}
