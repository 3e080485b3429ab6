// A submit under way: the key, what its row keeps of the request, and an abort that settles at once.
import { callbackOf } from "../callback/option.ts";
import type { ClientContext } from "../context/context.ts";
import { redactor, safeCause } from "../redact.ts";
import { journalRequest, requestHash } from "../request/hash.ts";
import { ofVariant, variantOf } from "../request/plan.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { emitter, type OnEvent } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import type { Task } from "../task/task.ts";
import { firstOf, track } from "../time/abort.ts";
import { safeDelay } from "../time/clock.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { signingPart } from "./parts.ts";
import { payOnce } from "./pay.ts";
import { credentialsOf } from "./prepare.ts";
import { submitAborted, type Submission } from "./submission.ts";
import type { CheckedCall } from "./submit.ts";

const SUBMIT_TIMEOUT = 120_000;

/**
 * Submits once per key.
 *
 * @throws VendorError, SubmitUnknownError, AbortedError, InvalidRequestError, JournalError, ConnectionError.
 */
export async function runSubmit(
  context: ClientContext,
  { plan, options, key, identity, tooDear, step, trace }: CheckedCall,
): Promise<Task> {
  const { adapter, journal, clock } = context;
  const kept = await journalRequest(identity, adapter.models[plan.request.model]?.request).catch((error: unknown) => {
    const cause = safeCause(error, context.redact);
    const issues = [issue("request", `made of media that can be read (${cause.message})`)];
    throw new InvalidRequestError({ vendor: adapter.vendor, phase: "plan", issues, cause });
  });
  const hash = await requestHash(kept);
  const onAccepted: OnEvent | undefined = trace && (({ type }) => type === "accepted" && (trace.accepted = true));
  const emit = emitter(context.onEvent, options.onEvent, onAccepted);
  if (options.idempotencyKey !== undefined && !journal.durable) warnNotDurable(context, key, emit);
  const stop = firstOf(options.signal, context.closing);
  const started = clock.elapsed();
  const timeout = safeDelay(step ? 0 : (options.submitTimeout ?? SUBMIT_TIMEOUT));
  const left = (ms: number) => started + ms - clock.elapsed();
  const callback = callbackOf(context, options);
  const { callbackUrl } = options;
  const { signedUrl } = callback ? await signingPart({ vendor: plan.vendor, phase: "submit", key }) : {};
  const variant = ofVariant(variantOf(adapter, plan.request));
  const about = { vendor: plan.vendor, model: plan.request.model, key, ...variant };
  const mayRepeat = options.idempotencyKey !== undefined && journal.durable === true;
  const run: Submission = {
    context,
    plan,
    key,
    variant,
    generatedKey: options.idempotencyKey === undefined,
    mayRepeat,
    mayRecover: mayRepeat && callback !== undefined,
    tooDear,
    kept: context.hideSecrets(kept),
    hash,
    callbackUrl: async (attempt, at) =>
      callback && signedUrl ? signedUrl(callback, { ...about, attempt }, at) : callbackUrl,
    // The caller's own callback URL is a secret of this submit: who has it can call there.
    redact: callbackUrl === undefined ? context.redact : redactor(() => [...context.secrets(), callbackUrl]),
    emit,
    stop: stop.signal,
    remaining: () => left(timeout),
    preparing: () => left(step ? SUBMIT_TIMEOUT : timeout),
    step,
    trace,
    mayBeAccepted: false,
  };
  const work = track(context, `the submit of key ${key}`, pay(run)).finally(stop.end);
  return untilAborted(work, options.signal, () => submitAborted(run));
}

async function pay(run: Submission): Promise<Task> {
  await credentialsOf(run); // what is missing costs nothing: no upload, no row
  return payOnce(run);
}

function warnNotDurable(context: ClientContext, key: string, emit: OnEvent): void {
  if (context.warned.has("not-durable")) return;
  context.warned.add("not-durable");
  const message = "the journal is in memory: the key protects this process only, not a restart or a second process";
  emit({ type: "warning", idempotencyKey: key, warning: { about: "journal", kind: "not-durable", message } });
}
