import type { EndedTask, TaskRef } from "../task/task.ts";
import { whenAborted } from "../time/when-aborted.ts";

/** What a wait listens with. A wait that sleeps costs little: ten thousand do. */
export type EndListener = {
  /** The end, once another call has seen it. */
  readonly heard?: EndedTask;
  /** Runs `work` when the end is heard, which it has not been yet; the returned function takes that back. One at a time. */
  whenHeard(work: () => void): () => void;
  close(): void;
};

/** The signal of one question: it aborts when the wait is stopped, or has heard the end from another call. */
export type Question = { readonly signal: AbortSignal; end(): void };

/** A call that sees the end of a task tells it here, and every wait on the task hears it. */
export type EndNotifier = {
  tell(task: EndedTask): void;
  listen(ref: TaskRef): EndListener;
  ask(ending: EndListener, signal: AbortSignal | undefined): Question;
};

/** So many controllers whose question was answered are kept for the next one. */
const SPARE = 64;

export function createEndNotifier(): EndNotifier {
  const listeners = new Map<string, Set<(task: EndedTask) => void>>();
  const spare: AbortController[] = [];
  return {
    tell(task) {
      for (const hear of listeners.get(task.id) ?? []) hear(task);
    },
    listen({ id }) {
      let interrupt: (() => void) | undefined;
      const ending: EndListener & { heard?: EndedTask } = {
        whenHeard(work) {
          interrupt = work;
          return () => void (interrupt = undefined);
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
    ask(ending, outer) {
      const controller = spare.pop() ?? create();
      const { signal } = controller;
      const links = [
        ending.whenHeard(() => controller.abort("the end was seen")),
        whenAborted(outer, () => controller.abort(outer?.reason)),
      ];
      return {
        signal,
        end() {
          for (const forget of links) forget();
          if (!signal.aborted && spare.length < SPARE) spare.push(controller);
        },
      };
    },
  };
}

function create(): AbortController {
  const controller = new AbortController();
  whenAborted(controller.signal, () => {}); // each step of a question listens for a while: the one listener stays
  return controller;
}
