// What a caller of `submit` sees: the checks before, the key, and an abort that settles at once.
import { callbackOf, planCallback, signedUrl } from "../callback/url.ts";
import type { ClientContext } from "../context/context.ts";
import { safeCause } from "../redact.ts";
import { journalRequest, requestHash } from "../request/hash.ts";
import { planRequest, type Plan } from "../request/plan.ts";
import type { VideoRequest } from "../request/request.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { emitter, type OnEvent, type VidtaskEvent } from "../task/events.ts";
import { issue, type Issue } from "../task/issue.ts";
import type { Task } from "../task/task.ts";
import { linkSignals, untilAborted, track } from "../time/abort.ts";
import { safeDelay } from "../time/clock.ts";
import { payOnce } from "./pay.ts";
import { canUpload } from "./prepare.ts";
import { submitAborted, type Submission } from "./submission.ts";

/** Options of one submit. Times in milliseconds. */
export type SubmitOptions = {
  /**
   * Your name for this submit: a row id, a job id. At most 64 characters, without personal data. The same key never
   * pays twice under one journal. @default a random UUID
   */
  idempotencyKey?: string | undefined;
  /** Refuse before sending when the price in US dollars is above this, or is not known. A key that has its task sends nothing. */
  maxPrice?: number | undefined;
  /** `false`: no callback for this submit, although the client has one. */
  callback?: false | undefined;
  /** An endpoint of your own for the vendor's callback, sent verbatim in place of the client's. https, or loopback when `baseUrl` is too. */
  callbackUrl?: string | undefined;
  /** Settles the call at once. A POST that has left runs on and is journaled. */
  signal?: AbortSignal | undefined;
  /** How long queueing and safe retries may take before a POST starts. @default 120 s */
  submitTimeout?: number | undefined;
  /** Sees what this call does, beside the client's own `onEvent`. */
  onEvent?: ((event: VidtaskEvent) => void) | undefined;
};

const SUBMIT_TIMEOUT = 120_000;
const MAX_KEY = 64;

/**
 * Submits once per key. `identity` is the request the key stands for, when `request` was made from another.
 *
 * @throws VendorError, SubmitUnknownError, AbortedError, InvalidRequestError, JournalError, ConnectionError.
 */
export async function submitTask(
  context: ClientContext,
  request: VideoRequest,
  options: SubmitOptions = {},
  key: string = options.idempotencyKey ?? crypto.randomUUID(),
  identity: VideoRequest = request,
): Promise<Task> {
  const { adapter, journal, clock } = context;
  const { issues, ...planned } = planCallback(context, options);
  const planFor = (maxPrice: number | undefined) =>
    planRequest(adapter, request, {
      canUpload: canUpload(context),
      maxPrice,
      ...planned,
      issues: [...keyIssues(options), ...issues],
    });
  let plan: Plan<VideoRequest>;
  let tooDear: InvalidRequestError | undefined;
  try {
    plan = planFor(options.maxPrice);
  } catch (error) {
    // A key that has its task already costs nothing more: what the key stands for decides whether the price matters.
    if (options.idempotencyKey === undefined || !isPriceAlone(error)) throw error;
    tooDear = error;
    plan = planFor(undefined);
  }
  context.baseUrl();
  context.apiKey();
  const kept = await journalRequest(identity).catch((error: unknown) => {
    const cause = safeCause(error, context.redact);
    const issues = [issue("request", `made of media that can be read (${cause.message})`)];
    throw new InvalidRequestError({ vendor: adapter.vendor, phase: "plan", issues, cause });
  });
  const hash = await requestHash(kept);
  const emit = emitter(context.onEvent, options.onEvent);
  if (options.idempotencyKey !== undefined && !journal.durable) warnNotDurable(context, key, emit);
  const stop = linkSignals(options.signal, context.closing);
  const deadline = clock.elapsed() + safeDelay(options.submitTimeout ?? SUBMIT_TIMEOUT);
  const callback = callbackOf(context, options);
  const { callbackUrl } = options;
  const about = { vendor: plan.vendor, model: plan.request.model, key };
  const mayRepeat = options.idempotencyKey !== undefined && journal.durable === true;
  const run: Submission = {
    context,
    plan,
    key,
    generatedKey: options.idempotencyKey === undefined,
    mayRepeat,
    mayRecover: mayRepeat && callback !== undefined,
    tooDear,
    kept,
    hash,
    callbackUrl: async (attempt) => (callback ? signedUrl(callback, { ...about, attempt }, clock.now()) : callbackUrl),
    redact: callbackUrl ? (text) => context.redact(text.replaceAll(callbackUrl, "***")) : context.redact,
    emit,
    stop: stop.signal,
    remaining: () => deadline - clock.elapsed(),
    mayBeAccepted: false,
  };
  const work = track(context, payOnce(run)).finally(stop.end);
  return untilAborted(work, options.signal, () => submitAborted(run));
}

const isPriceAlone = (error: unknown): error is InvalidRequestError =>
  InvalidRequestError.isInstance(error) && error.issues.every(({ path }) => path === "maxPrice");

function keyIssues({ idempotencyKey: key }: SubmitOptions): Issue[] {
  const isKey = key === undefined || (typeof key === "string" && key.length > 0 && key.length <= MAX_KEY);
  return isKey ? [] : [issue("idempotencyKey", `1 to ${MAX_KEY} characters`, key)];
}

function warnNotDurable(context: ClientContext, key: string, emit: OnEvent): void {
  if (context.warned.has("not-durable")) return;
  context.warned.add("not-durable");
  const message = "the journal is in memory: the key protects this process only, not a restart or a second process";
  emit({ type: "warning", idempotencyKey: key, warning: { about: "journal", kind: "not-durable", message } });
}
