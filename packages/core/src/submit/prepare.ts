// The paid POST, made ready: its files, its credentials, its bytes.
import { withCredentials, type Made } from "../context/credentials.ts";
import { fullReason, safeCause } from "../redact.ts";
import { sha256 } from "../request/hash.ts";
import { wireCall } from "../request/plan.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { Exchange } from "../time/exchange.ts";
import { WrongSpecError } from "../vendor-spec/call.ts";
import { filesOf } from "./file-way.ts";
import type { PaidPost } from "./paid-post.ts";
import { filesPart } from "./parts.ts";
import { notSubmitted, submitAborted, type Submission } from "./submission.ts";

/** Time to make credentials, in ms of real time. */
const CREDENTIALS_TIMEOUT = 30_000;

/** The credentials of a submit, within its time. */
export async function credentialsOf(run: Submission): Promise<Made> {
  const { context, stop } = run;
  if (context.credentials.areFixed && !stop.aborted) return context.credentials.make();
  const exchange = new Exchange(stop).start(Math.min(run.preparing(), CREDENTIALS_TIMEOUT));
  try {
    return await exchange.until(context.credentials.make());
  } catch (error) {
    if (stop.aborted) throw submitAborted(run);
    if (InvalidRequestError.isInstance(error) || error instanceof WrongSpecError) throw error;
    const { vendor } = context.adapter;
    const cause = safeCause(error, context.redact);
    throw notSubmitted(
      run,
      `the credentials of ${vendor} could not be made (${fullReason(cause)}); nothing was sent: submit again`,
      cause,
    );
  } finally {
    exchange.end();
  }
}

/** Time for a POST that has started, headers and body, in ms of real time: above the 100 s of a CDN. */
const POST_TIMEOUT = 120_000;

/** The n-th POST of a key, with its token, as it is at that time in ms; at the same time it is the same. */
export type PostOf = (attempt: number, token: string, at: number) => Promise<PaidPost>;

const encoder = new TextEncoder();

/** Uploads once; each POST of the key then has a callback URL of its own. */
export async function preparePost(run: Submission): Promise<PostOf> {
  const { context, plan } = run;
  const about = { vendor: plan.vendor, phase: "submit", key: run.key } as const;
  const hasFiles = filesOf(run).length > 0;
  const request = hasFiles ? await (await filesPart(about)).placeFiles(run, plan.request) : plan.request;
  return async (attempt, token, at) => {
    const call = wireCall(context.adapter, request, { callbackUrl: await run.callbackUrl(attempt, at), token });
    const { headers: auth, secrets } = await credentialsOf(run);
    const url = context.urlOf(call);
    const body = JSON.stringify(call.json ?? {});
    return {
      url,
      headers: withCredentials(context.adapter.vendor, call, auth),
      body,
      ...(context.adapter.idempotencyWindowMs === undefined
        ? {}
        : { hash: await sha256(encoder.encode(JSON.stringify([token, url, call.headers ?? {}, body, secrets]))) }),
      timeoutMs: Math.min(context.options.requestTimeout ?? POST_TIMEOUT, POST_TIMEOUT),
    };
  };
}
