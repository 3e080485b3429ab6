import type { FailedTask, SucceededTask, TaskRef } from "../task/task.ts";

export type EndedTask = SucceededTask | FailedTask;
/** A wait's ear: the signal aborts when somebody else sees the end of the task, which is then here. */
export type Ear = { readonly heard?: EndedTask; readonly signal: AbortSignal; close(): void };

/** Whoever sees the end of a task tells it here, and every wait on the task hears it. */
export type Endings = { tell(task: EndedTask): void; listen(ref: TaskRef): Ear };

export function createEndings(): Endings {
  const ears = new Map<string, Set<(task: EndedTask) => void>>();
  return {
    tell(task) {
      for (const hear of ears.get(task.id) ?? []) hear(task);
    },
    listen({ id }) {
      const controller = new AbortController();
      const ear: { heard?: EndedTask; signal: AbortSignal; close(): void } = {
        signal: controller.signal,
        close() {
          const others = ears.get(id);
          others?.delete(hear);
          if (others?.size === 0) ears.delete(id);
        },
      };
      const hear = (task: EndedTask) => {
        ear.heard = task;
        controller.abort();
      };
      ears.set(id, (ears.get(id) ?? new Set()).add(hear));
      return ear;
    },
  };
}
