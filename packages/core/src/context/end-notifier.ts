import type { EndedTask, TaskRef } from "../task/task.ts";
import type { Interrupt } from "../time/alarm.ts";

/** What a wait listens with. A wait that sleeps costs little: ten thousand do. */
export type EndListener = {
  /** The end, once another call has seen it. */
  readonly heard?: EndedTask;
  /** Runs `work` when the end is heard, at once where it has been. One at a time. */
  readonly whenHeard: Interrupt;
  close(): void;
};

/** A call that sees the end of a task tells it here, and every wait on the task hears it. */
export type EndNotifier = {
  tell(task: EndedTask): void;
  listen(ref: TaskRef): EndListener;
};

export function createEndNotifier(): EndNotifier {
  const listeners = new Map<string, Set<(task: EndedTask) => void>>();
  return {
    tell(task) {
      for (const hear of listeners.get(task.id) ?? []) hear(task);
    },
    listen({ id }) {
      let interrupt: (() => void) | undefined;
      const notAnyMore = () => void (interrupt = undefined);
      const ending: EndListener & { heard?: EndedTask } = {
        whenHeard(work) {
          if (ending.heard) work();
          else interrupt = work;
          return notAnyMore;
        },
        close() {
          const others = listeners.get(id);
          others?.delete(hear);
          if (others?.size === 0) listeners.delete(id);
        },
      };
      const hear = (task: EndedTask) => {
        ending.heard = task;
        interrupt?.();
      };
      listeners.set(id, (listeners.get(id) ?? new Set()).add(hear));
      return ending;
    },
  };
}
