import type { JsonObject, Task, TaskRef } from "./task/task.ts";

/**
 * Something a user should know before or after money is spent: a field that was dropped or changed, a name the vendor
 * does not document, a figure its pages contradict, a journal that does not outlive the process, an answer that is odd.
 */
export type Warning = {
  field: string;
  kind: "dropped" | "changed" | "experimental" | "contested" | "not-durable" | "odd-answer";
  message: string;
};

/** Everything a client does that its caller may want to see. Events hold no secret and cannot change anything. */
export type VidtaskEvent =
  | {
      type: "request" | "response" | "retry" | "fault";
      phase: string;
      ref?: TaskRef;
      key?: string;
      status?: number;
      attempt?: number;
      waitMs?: number;
      error?: JsonObject;
    }
  | { type: "route"; vendor: string; model: string; reason: string; key: string }
  | { type: "accepted"; key: string; ref: TaskRef }
  | { type: "state"; task: Task }
  | { type: "warning"; warning: Warning; key?: string }
  | {
      type: "alarm";
      alarm: "double_charge" | "double_send" | "late_accept" | "callback_mismatch" | "journal_failed";
      message: string;
      key?: string;
      ref?: TaskRef;
    };

export type OnEvent = (event: VidtaskEvent) => void;

/** One function that tells every listener; a listener that throws, rejects or hangs disturbs nobody. */
export const emitter =
  (...listeners: readonly (OnEvent | undefined)[]): OnEvent =>
  (event) => {
    for (const listener of listeners) {
      try {
        const result: unknown = listener?.(structuredClone(event));
        if (result instanceof Promise) result.catch(() => {});
      } catch {
        // An observer's fault is the observer's.
      }
    }
  };
