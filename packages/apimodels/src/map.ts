// Between the canonical words and APIModels'. Pure.
import {
  failedTask,
  timesOf,
  effectiveStatus,
  isOk,
  type Balance,
  type HttpCall,
  type CheckedOf,
  type TaskStatus,
  type Unverified,
  type Refusal,
  type SubmitAbout,
} from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { failureCode, refusalOf } from "./errors.ts";
import type { models } from "./models.ts";
import { toFields } from "./rules.ts";
import * as wire from "./wire.ts";

export function toCall(request: CheckedOf<typeof models>, { callbackUrl }: SubmitAbout): HttpCall {
  const { model, prompt } = request;
  return { path: "/video/generations", json: { model, prompt, ...toFields(request), callback_url: callbackUrl } };
}

/** What the bodies of all models share on the Kling video page. */
export const toUnlisted = ({ model }: { model: string }, { callbackUrl }: SubmitAbout): HttpCall => ({
  path: "/video/generations",
  json: { model, callback_url: callbackUrl },
});

export function toTask(body: unknown): TaskStatus {
  const { data } = z.parse(wire.status, body);
  const { model } = data;
  const times = { ...timesOf(data.createTime, data.completeTime), ...(model === undefined ? {} : { model }) };
  switch (data.state) {
    case "completed":
      return { ...times, state: "succeeded", videos: toVideos(data) };
    case "failed": {
      const { failCode: vendorCode, failMsg: message } = data;
      const code = failureCode(vendorCode, message);
      // Failed tasks are not billed: by the vendor's own client, no page says it.
      return { ...times, ...failedTask({ code, vendorCode, message, billed: "no" }) };
    }
    default:
      return { ...times, state: data.state };
  }
}

/** A callback is unsigned: its id is asked for, and the rest of it only shown. */
export function toCallback(body: unknown): { id: string; unverified: Unverified } {
  const { taskId, resultJson, failCode, costTime } = z.parse(wire.callback, body).data;
  const { videoDuration, videoSize, thumbnailUrl } = resultJson ?? {};
  return { id: taskId, unverified: { videoDuration, videoSize, thumbnailUrl, failCode, costTime } };
}

type Completed = z.output<typeof wire.status>["data"];

function toVideos({ resultUrls, resultJson }: Completed): Extract<TaskStatus, { state: "succeeded" }>["videos"] {
  const urls = resultUrls.length > 0 ? resultUrls : (resultJson?.resultUrls ?? []);
  // The details are of one video; with several URLs it is not known of which.
  if (urls.length !== 1 || !resultJson) return urls.map((url) => ({ url }));
  const { videoDuration, thumbnailUrl, videoSize } = resultJson;
  const [width, height] = videoSize?.split("x").map(Number) ?? [];
  return urls.map((url) => ({
    url,
    ...(videoDuration === undefined ? {} : { duration: videoDuration }),
    ...(width && height ? { width, height } : {}),
    ...(thumbnailUrl === undefined ? {} : { thumbnailUrl }),
  }));
}

/** An answer is an error if its HTTP status or its `code` says so. */
export function toRefusal(status: number, body: unknown): Refusal | undefined {
  if (isOk(status, body)) return undefined;
  const { code, msg, error } = z.parse(wire.envelope, body);
  if (code === undefined && msg === undefined) return undefined; // not the envelope: a gateway, perhaps
  const worst = effectiveStatus(status, code);
  if (worst >= 200 && worst < 300) return undefined;
  const detail = (error as { message?: unknown } | null | undefined)?.message ?? error;
  return refusalOf(worst, msg ?? (typeof detail === "string" ? detail : `code ${worst}`));
}

export function toBalance(body: unknown): Balance {
  const { balance, frozen } = z.parse(wire.balance, body).data;
  return { usd: balance, ...(frozen == null ? {} : { reserved: frozen }) };
}
