// What comes after a paid call, looked at before it is paid for: a mistake in it would cost the task.
import type { TaskRef } from "../task/task.ts";
import { checkedCall, given, WrongSpecError, type Asked, type HttpCall } from "../vendor-spec/call.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import type { VideoRequest } from "./request.ts";
import { writtenCall } from "./unlisted.ts";

/** What a plan shows as the token of a submit, which draws its own. */
export const PLAN_TOKEN = "0".repeat(32);

const PROBE_URL = "https://callback.test/probe";

/** @throws TypeError that names the member that is wrong */
export function checkFollowUps(adapter: Adapter, ref: TaskRef, fields: VideoRequest): void {
  const { vendor, find, cancel, status, idempotencyWindowMs } = adapter;
  const { model, variant = "" } = ref;
  const check = (asked: Asked, call: () => HttpCall) =>
    checkedCall(adapter, asked, given(adapter, `${asked}.call`, call));
  check("status", () => status.call(ref));
  if (cancel) check("cancel", () => cancel.call(ref));
  if (!find && idempotencyWindowMs === undefined) return;
  const about = { token: PLAN_TOKEN, callbackUrl: PROBE_URL, variant };
  const said = JSON.stringify(writtenCall(adapter, fields, about));
  const hasToken = said.includes(PLAN_TOKEN);
  if (idempotencyWindowMs !== undefined && !hasToken)
    throw new WrongSpecError(vendor, "idempotencyWindowMs", "left out: `submit.call` sends no `token`");
  if (!find) return;
  if (!hasToken && ![PROBE_URL, encodeURIComponent(PROBE_URL)].some((url) => said.includes(url)))
    throw new WrongSpecError(
      vendor,
      "find",
      "left out: `submit.call` sends neither `token` nor `callbackUrl` to be echoed",
    );
  check("find", () => find.call({ token: PLAN_TOKEN, model, variant, sentAt: new Date(0).toISOString() }));
}
