import type { FailedTask, SucceededTask, TaskRef } from "./task.ts";

export type EndedTask = SucceededTask | FailedTask;
/** A wait's ear: the signal aborts when somebody else sees the end of the task, which is then here. */
export type Ear = { readonly heard?: EndedTask; readonly signal: AbortSignal; close(): void };

/** Whoever sees the end of a task tells it here, and every wait on the task hears it. */
export type Endings = {
  /** `by`: the ear of the wait that saw it itself. */
  tell(task: EndedTask, by?: Ear): void;
  listen(ref: TaskRef): Ear;
};

export function createEndings(): Endings {
  const ears = new Map<string, Map<Ear, (task: EndedTask) => void>>();
  return {
    tell(task, by) {
      for (const [ear, hear] of ears.get(task.id) ?? []) if (ear !== by) hear(task);
    },
    listen({ id }) {
      const controller = new AbortController();
      const ear: { heard?: EndedTask; signal: AbortSignal; close(): void } = {
        signal: controller.signal,
        close() {
          const others = ears.get(id);
          others?.delete(ear);
          if (others?.size === 0) ears.delete(id);
        },
      };
      const hear = (task: EndedTask) => {
        ear.heard = task;
        controller.abort();
      };
      ears.set(id, (ears.get(id) ?? new Map<Ear, (task: EndedTask) => void>()).set(ear, hear));
      return ear;
    },
  };
}
