import type { EndedTask, TaskRef } from "../task/task.ts";
import { whenAborted } from "../time/when-aborted.ts";

/** What a wait listens with: the signal aborts when another call sees the end of the task, which is then here. */
export type EndListener = { readonly heard?: EndedTask; readonly signal: AbortSignal; close(): void };

/** A call that sees the end of a task tells it here, and every wait on the task hears it. */
export type EndNotifier = { tell(task: EndedTask): void; listen(ref: TaskRef): EndListener };

export function createEndNotifier(): EndNotifier {
  const listeners = new Map<string, Set<(task: EndedTask) => void>>();
  return {
    tell(task) {
      for (const hear of listeners.get(task.id) ?? []) hear(task);
    },
    listen({ id }) {
      const controller = new AbortController();
      // Each question of the wait listens for a while: the one listener that the signal has stays.
      const forget = whenAborted(controller.signal, () => {});
      const ending: { heard?: EndedTask; signal: AbortSignal; close(): void } = {
        signal: controller.signal,
        close() {
          forget();
          const others = listeners.get(id);
          others?.delete(hear);
          if (others?.size === 0) listeners.delete(id);
        },
      };
      const hear = (task: EndedTask) => {
        ending.heard = task;
        controller.abort("the end was seen");
      };
      listeners.set(id, (listeners.get(id) ?? new Set()).add(hear));
      return ending;
    },
  };
}
