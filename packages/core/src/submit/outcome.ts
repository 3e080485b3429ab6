import type { Answer } from "../http/answer.ts";
import { refusalOf, vendorError, MOVED, protocolError, type AnswerContext } from "../http/refusal.ts";
import { excerptOf, type Redact } from "../redact.ts";
import type { VendorError } from "../task/errors.ts";
import { isTaskId, type Adapter, type Refusal } from "../vendor-spec/spec.ts";

/** What the answer to a paid POST means. Only `not-sent` and `limited` may ever be sent again. */
export type Outcome =
  | { kind: "accepted"; id: string; odd?: string }
  | { kind: "not-sent"; cause: Error }
  | { kind: "limited"; error: VendorError }
  | { kind: "refused"; error: VendorError }
  | { kind: "unknown"; cause: Error; id?: string; unconfirmedTaskId?: string };

// 404 and the like mean "no such endpoint or model": the vendor read the request and made no task. 408, 409, 423 and
// every status a proxy invents can also follow a request that was read and acted on, so they are not here.
const REFUSALS = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 416, 417, 421, 422, 425, 426, 428, 431, 451,
]);

/** Interprets the answer to a paid POST; the first row that matches decides. */
export function outcomeOf(answer: Answer, context: AnswerContext): Outcome {
  const { adapter } = context;
  const refusal = refusalOf(adapter, answer);
  const status = refusal?.status ?? answer.status;
  const isOk = answer.status >= 200 && answer.status < 300;
  const id = isOk || answer.status >= 400 ? acceptedId(adapter, answer) : undefined;

  if (answer.status === 407) return { kind: "not-sent", cause: vendorError(answer, context, "no") };
  if (id !== undefined && isOk) return { kind: "accepted", id, ...oddity(refusal, answer, context.redact) };
  if (id !== undefined) return { kind: "unknown", cause: vendorError(answer, context, "unknown"), id };
  if (status === 429 && refusal?.code !== "spend_limit")
    return { kind: "limited", error: vendorError(answer, context, "no") };
  if (REFUSALS.has(status) || status === 429 || MOVED.has(status))
    return { kind: "refused", error: vendorError(answer, context, "no") };
  if (!isOk || status >= 400) return { kind: "unknown", cause: vendorError(answer, context, "unknown") };

  const unconfirmedTaskId = candidateId(adapter, answer.text);
  const cause = protocolError(answer, context, undefined, "a task id at its documented place");
  return { kind: "unknown", cause, ...(unconfirmedTaskId === undefined ? {} : { unconfirmedTaskId }) };
}

function acceptedId(adapter: Adapter, answer: Answer): string | undefined {
  try {
    const { id } = adapter.submitted(answer.body);
    return isTaskId(adapter, id) ? id : undefined;
  } catch {
    return undefined;
  }
}

const oddity = (refusal: Refusal | undefined, answer: Answer, redact: Redact): { odd?: string } => {
  if (answer.cut !== undefined) return { odd: "the answer broke off after the task id" };
  return refusal ? { odd: `the answer holds a task id and an error: ${excerptOf(refusal.message, redact)}` } : {};
};

/**
 * A task id from a damaged answer to a paid POST. The text is completed as JSON from its last whole value backwards,
 * and the adapter looks at its documented place: an id whose closing quote did not arrive is never found.
 */
export function candidateId(adapter: Adapter, text: string): string | undefined {
  for (const end of ends(text)) {
    try {
      const id: unknown = adapter.submitted(JSON.parse(text.slice(0, end) + closers(text.slice(0, end)))).id;
      if (isTaskId(adapter, id)) return id;
    } catch {
      // Not complete at this point: try an earlier one.
    }
  }
  return undefined;
}

// Positions after which a JSON value may be complete, last first; an answer with an id is short.
function ends(text: string): number[] {
  const positions = Array.from(text.slice(0, 16_384).matchAll(/["}\]]/g), (match) => match.index + 1);
  return positions.toReversed().slice(0, 64);
}

function closers(text: string): string {
  const open: string[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === "{") open.push("}");
    else if (token === "[") open.push("]");
    else if (token === "}" || token === "]") open.pop();
  }
  return open.toReversed().join("");
}
