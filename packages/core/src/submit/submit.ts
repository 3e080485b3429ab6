// What a submit is, from the moment of its call: its request and options, checked and copied, and its key.
import type { ClientContext } from "../context/context.ts";
import type { Plan } from "../request/plan.ts";
import type { VideoRequest } from "../request/request.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { Trace } from "../trace.ts";
import { planSubmit } from "./plan-submit.ts";
import type { StepNotes } from "./submission.ts";
import type { CheckedSubmit, SubmitOptions } from "./submit-options.ts";

/** How a submit is named, when not by its options: by a router, which has a request of its own for the key to stand for. */
export type Name = { key?: string; identity?: VideoRequest; step?: StepNotes | undefined };

/** A submit as it was given. Nothing in it is the caller's, who may change his objects meanwhile. */
export type GivenCall = CheckedSubmit & {
  readonly request: VideoRequest;
  readonly key: string;
  readonly identity: VideoRequest;
  readonly step: StepNotes | undefined;
};

/** A submit that may be paid for. */
export type CheckedCall = {
  readonly plan: Plan<VideoRequest>;
  readonly options: SubmitOptions;
  readonly key: string;
  /** The canonical request that the key stands for. */
  readonly identity: VideoRequest;
  /** The refusal of anything that would be paid for. */
  readonly tooDear: InvalidRequestError | undefined;
  readonly step: StepNotes | undefined;
  readonly trace: Trace;
};

/** @throws InvalidRequestError with everything that is wrong */
export function checkSubmit(
  context: ClientContext,
  { request, identity, options, issues, key, step }: GivenCall,
  trace: Trace,
): CheckedCall {
  let plan: Plan<VideoRequest>;
  let tooDear: InvalidRequestError | undefined;
  try {
    plan = planSubmit(context, request, { options, issues });
  } catch (error) {
    // A key that has its task already costs nothing more: what the key stands for decides whether the price matters.
    if (options.idempotencyKey === undefined || !isPriceAlone(error)) throw error;
    tooDear = error;
    plan = planSubmit(context, request, { options: { ...options, maxPrice: undefined }, issues });
  }
  Object.assign(trace ?? {}, { model: plan.request.model, ...(plan.price && { priceUsd: plan.price.usd }) });
  context.baseUrl();
  return { plan, options, key, identity, tooDear, step, trace };
}

const isPriceAlone = (error: unknown): error is InvalidRequestError =>
  InvalidRequestError.isInstance(error) && error.issues.every(({ path }) => path === "maxPrice");
