// The documented bodies. D: the page of Kling Video; P: /en/docs/account, /en/docs/files; C: the vendor's own client.
import type { State, StoredTask } from "../../state/tasks.ts";
import type { Answer } from "../dialect-parts.ts";

export const envelope = (code: number, msg: string, data: unknown): Answer => ({
  status: code,
  body: { code, msg, data },
});

export const ok = (data: unknown) => envelope(200, "success", data);

/** C: 400 with a message that starts so. */
export const unknownModel = (name: string) => envelope(400, `Invalid model: ${name}`, null);

/** P: the balance is what can be spent; it is the total without what is frozen. */
export const balance = (available: number, frozen: number) =>
  ok({ balance: available, total: Math.round((available + frozen) * 1e6) / 1e6, frozen, currency: "USD" });

export const states: Readonly<Record<string, State>> = {
  pending: "pending",
  processing: "processing",
  completed: "succeeded",
  failed: "failed",
};

/** Answers have a prefix that requests do not. */
export const nameOf = (model: string) => `kling-video/${model}`;

export const created = (taskId: string, model: string) => ok({ taskId, state: "pending", model: nameOf(model) });

/** A poll while it runs is not printed; it is taken to look like the answer to the submit. */
export function status(task: StoredTask, state: State, url: string): Answer {
  const taskId = task.id;
  const model = nameOf(task.model);
  const { createdAt: createTime, endsAt: completeTime } = task;
  switch (state) {
    case "pending":
    case "processing":
      return ok({ taskId, state, model });
    case "succeeded":
      return ok({ taskId, state: "completed", model, resultUrls: [url], createTime, completeTime });
    case "failed":
      // failCode is on no page for a poll; the vendor's own client reads it there (C).
      return ok({ taskId, state, model, failCode: task.failure?.code, failMsg: task.failure?.message });
  }
}
