// What the answer to a paid POST means. Doubt wins: what a body says never makes a status safe that proves nothing.
import { statusInBody, type Answer } from "../http/answer.ts";
import { parseDamaged } from "../http/json.ts";
import { refusalOf, vendorError, MOVED, protocolError, type AnswerContext } from "../http/refusal.ts";
import { excerptOf, type Redact } from "../redact.ts";
import type { VendorError } from "../task/errors.ts";
import { codeOfStatus, type VendorCode } from "../task/failure.ts";
import type { Refusal } from "../vendor-spec/readings.ts";
import { isUsualTaskId, taskIdOf, type Adapter } from "../vendor-spec/spec.ts";

/** What the answer to a paid POST means. Only `not-sent` and `limited` may ever be sent again. */
export type Outcome =
  | { kind: "accepted"; id: string; odd?: string }
  | { kind: "not-sent"; cause: Error }
  | { kind: "limited"; error: VendorError }
  | { kind: "refused"; error: VendorError }
  | { kind: "unknown"; cause: Error; id?: string; unconfirmedTaskId?: string };

type Verdict = Exclude<Outcome["kind"], "accepted">;

// 404 and the like mean "no such endpoint or model": the vendor read the request and made no task. 408, 409, 423 and
// every status a proxy invents can also follow a request that was read and acted on, so they are not here.
const REFUSALS = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 416, 417, 421, 422, 425, 426, 428, 431, 451,
]);

const REFUSED: ReadonlySet<VendorCode> = new Set<VendorCode>([
  "unauthorized",
  "forbidden",
  "insufficient_credits",
  "spend_limit",
  "invalid_request",
  "invalid_media",
  "content_rejected",
  "not_found",
]);

/** Interprets the answer to a paid POST; the first row that matches decides. */
export function outcomeOf(answer: Answer, context: AnswerContext): Outcome {
  const { adapter } = context;
  const refusal = refusalOf(adapter, answer, "submit");
  const isOk = answer.status >= 200 && answer.status < 300;
  // Neither a redirect nor a proxy that wants a login is the vendor's.
  const mayName = isOk || (answer.status >= 400 && answer.status !== 407);
  const given = mayName ? givenId(adapter, answer.body) : undefined;
  const id = taskIdOf(adapter, given);

  if (id !== undefined && isOk) return { kind: "accepted", id, ...oddity(id, refusal, answer, context) };
  if (id !== undefined) return { kind: "unknown", cause: vendorError(answer, context, "unknown"), id };
  const { verdict, code } = verdictOf(answer, refusal);
  if (verdict === "limited" || verdict === "refused")
    return { kind: verdict, error: vendorError(answer, context, "no", code) };
  if (verdict === "not-sent") return { kind: verdict, cause: vendorError(answer, context, "no") };
  const saysWhy = statusInBody(answer.body) !== undefined || (refusal && refusal.code !== "unknown");
  if (!isOk || saysWhy) return { kind: "unknown", cause: vendorError(answer, context, "unknown") };

  const unconfirmedTaskId = candidateId(adapter, answer.text) ?? unusableId(given, context.redact);
  const cause = protocolError(answer, context, undefined, "a task id at its documented place");
  return { kind: "unknown", cause, ...(unconfirmedTaskId === undefined ? {} : { unconfirmedTaskId }) };
}

/** Without a task id: what it means, and the canonical code where the body's `code` outranks the refusal's. */
function verdictOf(answer: Answer, refusal: Refusal | undefined): { verdict: Verdict; code?: VendorCode } {
  const said = refusal && verdictOfCode(refusal.code);
  if (answer.status >= 200 && answer.status < 300) {
    const inBody = statusInBody(answer.body);
    if (inBody === undefined) return { verdict: said ?? "unknown" };
    const isCapped = inBody === 429 && refusal?.code === "spend_limit";
    const verdict = isCapped ? "refused" : inBody === 407 ? "unknown" : verdictOfStatus(inBody);
    return verdict === said ? { verdict } : { verdict, code: codeOfStatus(inBody) };
  }
  const byStatus = verdictOfStatus(answer.status);
  // What decides names the error too: a rate limit in a number that no page lists is one all the same.
  if (said === undefined) return { verdict: byStatus, code: codeOfStatus(answer.status) };
  return { verdict: byStatus === "unknown" ? byStatus : said };
}

function verdictOfStatus(status: number): Verdict {
  if (status === 407) return "not-sent"; // a proxy wants a login: nothing went through it
  if (status === 429) return "limited";
  return REFUSALS.has(status) || MOVED.has(status) ? "refused" : "unknown";
}

// A word that is not known here leaves as much doubt as `upstream` does; `unknown` says nothing.
function verdictOfCode(code: VendorCode): Verdict | undefined {
  if (code === "unknown") return undefined;
  return code === "rate_limited" ? "limited" : REFUSED.has(code) ? "refused" : "unknown";
}

function givenId(adapter: Adapter, body: unknown): unknown {
  try {
    return adapter.submit.read(body).id;
  } catch {
    return undefined;
  }
}

function oddity(
  id: string,
  refusal: Refusal | undefined,
  { cut, text }: Answer,
  { adapter, redact }: AnswerContext,
): { odd?: string } {
  if (cut !== undefined) return { odd: "the answer broke off after the task id" };
  if (refusal) return { odd: `the answer holds a task id and an error: ${excerptOf(refusal.message, redact)}` };
  if (!isUsualTaskId(adapter, id)) return { odd: `the task id ${id} is not like other ids of ${adapter.vendor}` };
  const isNumber = /^\d+$/.test(id) && !text.includes(`"${id}"`);
  return isNumber ? { odd: `the task id ${id} came as a number` } : {};
}

/**
 * A task id from an answer that broke off or is damaged: one that stands whole at its documented place, or would be
 * usable without the blanks around it.
 */
export function candidateId(adapter: Adapter, text: string): string | undefined {
  const given = givenId(adapter, parseDamaged(text));
  return taskIdOf(adapter, typeof given === "string" ? given.trim() : given);
}

/** For people: a text at the id's place that no URL may hold. */
const unusableId = (given: unknown, redact: Redact): string | undefined =>
  typeof given === "string" && given.trim() ? excerptOf(given, redact) : undefined;
