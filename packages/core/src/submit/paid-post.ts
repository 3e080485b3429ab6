import { wireCall } from "../request/plan.ts";
import { uploadFiles } from "../request/upload.ts";
import type { SubmitRun } from "./run.ts";
import type { PaidPost } from "./send.ts";

/** Time for a POST that has started, headers and body, in ms of real time: above the 100 s of a CDN. */
const POST_TIMEOUT = 120_000;

/** Uploads once; each POST of the key then has a callback URL of its own. */
export async function preparePost(run: SubmitRun): Promise<(attempt: number) => Promise<PaidPost>> {
  const { context, plan } = run;
  const request = await uploadFiles(run, plan.request);
  return async (attempt) => {
    const call = wireCall(context.adapter, request, await run.callbackUrl(attempt));
    return {
      url: context.baseUrl() + call.path,
      apiKey: context.apiKey(),
      body: JSON.stringify(call.json ?? {}),
      timeoutMs: Math.min(context.options.requestTimeout ?? POST_TIMEOUT, POST_TIMEOUT),
    };
  };
}
