import { statusInBody, type Answer } from "../answer.ts";
import { ProtocolError, VendorError, type Phase } from "../errors.ts";
import { excerptOf, type Redact } from "../redact.ts";
import { codeOfStatus, STATUS_OF_CODE } from "../task/failure.ts";
import type { TaskRef } from "../task/task.ts";
import { isTaskId, type Adapter, type Refusal } from "../vendor.ts";
import { candidateId } from "./candidate.ts";

/** What the answer to a paid POST means. Only `not-sent` and `limited` may ever be sent again. */
export type Outcome =
  | { kind: "accepted"; id: string; odd?: string }
  | { kind: "not-sent"; cause: Error }
  | { kind: "limited"; error: VendorError }
  | { kind: "refused"; error: VendorError }
  | { kind: "unknown"; cause: Error; id?: string; candidate?: string };

type Context = { adapter: Adapter; redact: Redact; phase: Phase; ref?: TaskRef | undefined; key?: string | undefined };

// 404 and its like mean "no such endpoint or model": the vendor read the request and made no task. 408, 409, 423 and
// every status a proxy invents can also follow a request that was read and acted on, so they are not here.
const REFUSALS = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 416, 417, 421, 422, 425, 426, 428, 431, 451,
]);
const MOVED = new Set([301, 307, 308]);

/** Interprets the answer to a paid POST; the first row that matches decides. */
export function outcomeOf(answer: Answer, context: Context): Outcome {
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

  const candidate = candidateId(adapter, answer.text);
  const cause = protocolError(answer, context, undefined, "a task id at its documented place");
  return { kind: "unknown", cause, ...(candidate === undefined ? {} : { candidate }) };
}

/** What an answer refuses and under which status, or nothing if neither its status nor its body is an error. */
export function refusalOf(adapter: Adapter, answer: Answer): (Refusal & { status: number }) | undefined {
  const said = adapterRefusal(adapter, answer);
  const documented = said?.vendorCode === undefined ? undefined : STATUS_OF_CODE[said.code];
  const status = statusInBody(answer.body) ?? documented ?? answer.status;
  if (said) return { ...said, status };
  if (status >= 200 && status < 300) return undefined;
  return { code: codeOfStatus(status), message: described(answer), status };
}

/** The error for an answer that refuses a call. */
export function vendorError(answer: Answer, context: Context, billed: "no" | "unknown"): VendorError {
  const { adapter, phase, ref, key, redact } = context;
  const refusal = refusalOf(adapter, answer) ?? {
    code: codeOfStatus(answer.status),
    message: described(answer),
    status: answer.status,
  };
  const { retryAfterMs } = answer;
  const said = excerptOf(refusal.message, redact);
  return new VendorError(`${adapter.vendor}: ${said}${remedy(refusal, adapter, answer)}`, {
    vendor: adapter.vendor,
    phase,
    ref,
    key,
    billed,
    code: refusal.code,
    status: answer.status,
    vendorCode: refusal.vendorCode === undefined ? undefined : excerptOf(String(refusal.vendorCode), redact),
    retryAfterMs,
    retryable: phase === "submit" ? refusal.code === "rate_limited" : isPassing(refusal.code),
  });
}

/** The error for an answer that is not what the pages document. */
export function protocolError(
  answer: Answer,
  { adapter, phase, ref, key, redact }: Context,
  path: string | undefined,
  expected: string,
  cause?: Error,
): ProtocolError {
  const wanted = excerptOf(answer.cut === undefined ? expected : `${expected}, in a whole body`, redact);
  const excerpt = excerptOf(answer.text, redact);
  // A read can be asked again; what a paid POST left behind is decided by its outcome.
  const retryable = phase !== "submit";
  return new ProtocolError({
    vendor: adapter.vendor,
    phase,
    ref,
    key,
    path: path === undefined ? undefined : excerptOf(path, redact),
    expected: wanted,
    excerpt,
    retryable,
    cause,
  });
}

// Of a poll: everything passes but a key that is refused and a task that is gone.
const isPassing = (code: Refusal["code"]): boolean => !["unauthorized", "forbidden", "not_found"].includes(code);

function adapterRefusal(adapter: Adapter, answer: Answer): Refusal | undefined {
  if (answer.body === undefined) return undefined;
  try {
    const said = adapter.refusal(answer.status, answer.body);
    return typeof said?.code === "string" ? { ...said, message: String(said.message ?? described(answer)) } : undefined;
  } catch {
    return undefined; // not the vendor's shape: the status speaks
  }
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

const described = ({ status, contentType }: Answer): string =>
  `HTTP ${status}${contentType && !contentType.includes("json") ? ` with ${contentType.split(";")[0]}` : ""}`;

function remedy({ code }: Refusal, adapter: Adapter, answer: Answer): string {
  if (MOVED.has(answer.status)) {
    const { location = "" } = answer;
    const target = URL.canParse(location) ? ` to ${new URL(location).origin}` : "";
    return `; the base URL has moved${target}: set \`baseUrl\``;
  }
  if (code === "unauthorized") return `; check ${adapter.keyEnv} or the \`apiKey\` option`;
  if (code === "insufficient_credits") return "; top up the account, then submit again";
  return "";
}
