// Between the canonical words and Acme's (invented). Pure.
import { failedTask, type CheckedOf, type HttpCall, type SubmitAbout, type TaskStatus } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { failureCode } from "./errors.ts";
import type { models } from "./models.ts";
import * as wire from "./wire.ts";

export function toCall(request: CheckedOf<typeof models>, { callbackUrl }: SubmitAbout): HttpCall {
  const { model, prompt, image, duration } = request;
  return {
    path: "/tasks",
    json: { model, prompt, seconds: duration, image_url: image?.toString(), webhook: callbackUrl },
  };
}

export function toTask(body: unknown): TaskStatus {
  const { status, url, code: vendorCode, error: message } = z.parse(wire.status, body);
  switch (status) {
    case "done":
      return { state: "succeeded", videos: url === undefined ? [] : [{ url }] };
    case "error":
      // Whether a failed task is refunded: unknown, until a page says it.
      return failedTask({ code: failureCode(vendorCode), vendorCode, message, billed: "unknown" });
    default:
      return { state: status === "queued" ? "pending" : "processing" };
  }
}
