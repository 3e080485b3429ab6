// Between the canonical words and APIXO's. Pure.
import {
  failedTask,
  timesOf,
  effectiveStatus,
  isOk,
  url,
  type HttpCall,
  type JsonObject,
  type CheckedOf,
  type TaskStatus,
  type Refusal,
  type SubmitAbout,
} from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { failureCode, refusalOf } from "./errors.ts";
import type { models } from "./models.ts";
import { toInput } from "./rules.ts";
import * as wire from "./wire.ts";

const modeOf = ({ callbackUrl }: SubmitAbout): JsonObject =>
  callbackUrl === undefined ? { request_type: "async" } : { request_type: "callback", callback_url: callbackUrl };

export function toCall(request: CheckedOf<typeof models>, about: SubmitAbout): HttpCall {
  const { model, routing } = request;
  return { path: `/generateTask/${model}`, json: { ...modeOf(about), provider: routing, input: toInput(request) } };
}

/** Path and mode are those of all models (/docs/api-reference/webhooks, model pages). */
export const toUnlisted = ({ model }: { model: string }, about: SubmitAbout): HttpCall => ({
  path: url`/generateTask/${model}`,
  json: modeOf(about),
});

export function toTask(body: unknown): TaskStatus {
  const { data } = z.parse(wire.status, body);
  const times = timesOf(data.createTime, data.completeTime);
  switch (data.state) {
    case "success":
      return {
        ...times,
        state: "succeeded",
        videos: (data.resultJson?.resultUrls ?? []).map((url) => ({ url })),
        ...(data.costTime === undefined ? {} : { processingMs: data.costTime }),
      };
    case "failed": {
      const { failCode: vendorCode, failMsg: message } = data;
      // Whether APIXO refunds a failed task is not documented.
      return { ...times, ...failedTask({ code: failureCode(vendorCode), vendorCode, message, billed: "unknown" }) };
    }
    default:
      return { ...times, state: data.state };
  }
}

/** An answer is an error if its HTTP status or its `code` says so. */
export function toRefusal(status: number, body: unknown): Refusal | undefined {
  if (isOk(status, body)) return undefined;
  const { code, message, data } = z.parse(wire.envelope, body);
  const worst = effectiveStatus(status, code);
  if (worst >= 200 && worst < 300) return undefined;
  const detail = (data as { error?: unknown } | null | undefined)?.error;
  return refusalOf(worst, message ?? `code ${worst}`, typeof detail === "string" ? detail : undefined);
}
