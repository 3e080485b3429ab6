// Between the canonical words and AIVideoAPI's. Pure.
import {
  failedTask,
  timesOf,
  effectiveStatus,
  type Balance,
  type HttpCall,
  type CheckedOf,
  type TaskStatus,
  type Refusal,
  type SubmitAbout,
} from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { failureCode, refusalOf } from "./errors.ts";
import type { models } from "./models.ts";
import { CREDITS_PER_USD, toInput } from "./rules.ts";
import * as wire from "./wire.ts";

export function toCall(request: CheckedOf<typeof models>, { callbackUrl }: SubmitAbout): HttpCall {
  const json = { model: request.model, callback_url: callbackUrl, input: toInput(request) };
  return { path: "/videos/generations", json };
}

/** What the bodies of all model pages share. */
export const toUnlisted = ({ model }: { model: string }, { callbackUrl }: SubmitAbout): HttpCall => ({
  path: "/videos/generations",
  json: { model, callback_url: callbackUrl },
});

export function toTask(body: unknown): TaskStatus {
  const task = z.parse(wire.status, body);
  const { model } = task;
  const times = { ...timesOf(task.created_at, task.completed_at), ...(model === undefined ? {} : { model }) };
  switch (task.status) {
    case "completed":
      return {
        ...times,
        state: "succeeded",
        videos: (task.output?.urls ?? []).map((url) => ({ url })),
        ...(task.output?.metadata?.model === undefined ? {} : { madeBy: task.output.metadata.model }),
      };
    case "failed": {
      const { code: vendorCode, message } = task.error ?? {};
      // The model page: what was charged in advance is refunded automatically when a task fails.
      return { ...times, ...failedTask({ code: failureCode(vendorCode), vendorCode, message, billed: "no" }) };
    }
    default:
      return { ...times, state: task.status };
  }
}

/** An answer is an error if its HTTP status, its envelope or an `error` says so; the `error` of a task is the task's. */
export function toRefusal(httpStatus: number, body: unknown): Refusal | undefined {
  const { code, msg, status, error } = z.parse(wire.answer, body);
  if (code === undefined && error?.code === undefined) return undefined; // a task, or a gateway's page
  const worst = effectiveStatus(httpStatus, code);
  if (worst >= 200 && worst < 300 && (error === undefined || status !== undefined)) return undefined;
  return refusalOf(worst, error?.code, error?.message ?? msg ?? `code ${worst}`);
}

export function toBalance(body: unknown): Balance {
  const { balance } = z.parse(wire.balance, body).data;
  return { credits: balance, usd: balance / CREDITS_PER_USD };
}
