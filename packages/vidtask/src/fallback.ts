// When the next vendor may be tried, and what a key already stands for.
import { ConnectionError, InvalidRequestError, VendorError, type JournalEntry, type VideoRequest } from "@vidtask/core";
import { canonicalRequest, issue, requiredIssue, type Member } from "@vidtask/core/router";
import type { Candidate } from "./compare.ts";

export const ROUTER = "vidtask";

export const invalid = (...issues: InvalidRequestError["issues"]): InvalidRequestError =>
  new InvalidRequestError({ vendor: ROUTER, phase: "plan", issues });

/**
 * True when the vendor is proven not to have accepted and another one may do better: not for content that was
 * rejected, which is the prompt's fault, and not for a call that was stopped or cannot be journaled.
 */
export const mayTryNext = (error: unknown): error is VendorError | ConnectionError =>
  (VendorError.isInstance(error) || ConnectionError.isInstance(error)) &&
  error.billed === "no" &&
  error.code !== "content_rejected";

/** The candidates that can do the request at the price. @throws InvalidRequestError with all that stands against it */
export function possible(found: readonly Candidate[], maxPrice?: number): Candidate[] {
  const able = found.filter(({ row }) => row.ok);
  if (able.length === 0)
    throw invalid(
      ...found.flatMap(({ row }) => {
        const who = `${row.vendor} ${row.model}`;
        return row.ok
          ? []
          : row.issues.map(({ path, rule, message }) => ({ path, rule, message: `${message} (${who})` }));
      }),
    );
  if (maxPrice === undefined) return able;
  const cheap = able.filter(({ row }) => row.ok && row.plan.price !== undefined && row.plan.price.usd <= maxPrice);
  if (cheap.length > 0) return cheap;
  const prices = able.map(({ row }) => `${row.vendor} ${(row.ok && row.plan.price?.usd) || "unknown"}`).join(", ");
  throw invalid(issue("maxPrice", `at least the lowest price in US dollars (${prices})`));
}

/** A request as it counts: once for all candidates, since a file in it may be large. @throws InvalidRequestError for none */
export function readRequest(request: VideoRequest): VideoRequest {
  if (typeof request !== "object" || request === null || Array.isArray(request))
    throw invalid(issue("request", "an object with `model` and the fields of its family", request));
  const read = canonicalRequest(request);
  if (read.unlisted !== undefined)
    throw invalid(
      issue("unlisted", "left out: a router knows families; ask the vendor's own client for an unlisted model"),
    );
  return read;
}

/** The family that a request asks for. @throws InvalidRequestError when none of the vendors has it */
export function familyOf(members: readonly Member[], request: VideoRequest): string {
  const { model } = request;
  const models = members.flatMap(({ client }) => Object.entries(client.models));
  const families = new Set(models.map(([, { family }]) => family));
  if (families.has(model)) return model;
  const rule = `a family that one of the vendors has: ${[...families].filter(Boolean).join(", ")}`;
  if (model === undefined || model === null) throw invalid(requiredIssue("model", rule));
  const found = issue("model", rule, model);
  const own = models.find(([name]) => name === model)?.[1].family;
  throw invalid(own === undefined ? found : { ...found, message: `${found.message}, which is of the family ${own}` });
}

/** The error of a key that stands for a request of another family. */
export function otherRequest({ key, vendor, model, state, ref }: JournalEntry): InvalidRequestError {
  const rule = `another key: this one belongs to another request, of ${vendor} ${model} (${state})`;
  const issues = [issue("idempotencyKey", rule, key)];
  return new InvalidRequestError({ vendor: ROUTER, phase: "submit", idempotencyKey: key, ref, issues });
}

/** The error of a choice that leaves out every vendor that has the family. */
export function noneOf(members: readonly Member[], family: string): InvalidRequestError {
  const able = members.filter(({ client }) => Object.values(client.models).some((row) => row.family === family));
  const names = able.map(({ client }) => client.vendor).join(", ");
  return invalid(issue("prefer", `a list with a vendor that has ${family}: ${names}`));
}
