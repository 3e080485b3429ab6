// An answer that is no success: what is refused, and the error it stands for.
import { excerptOf, type Redact } from "../redact.ts";
import { VendorError, ProtocolError, type Phase } from "../task/errors.ts";
import { STATUS_OF_CODE, codeOfStatus } from "../task/failure.ts";
import type { TaskRef } from "../task/task.ts";
import type { Adapter, Refusal } from "../vendor-spec/spec.ts";
import { statusInBody, type Answer } from "./answer.ts";

export type AnswerContext = {
  adapter: Adapter;
  redact: Redact;
  phase: Phase;
  ref?: TaskRef | undefined;
  key?: string | undefined;
};

export const MOVED = new Set([301, 307, 308]);

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
export function vendorError(answer: Answer, context: AnswerContext, billed: "no" | "unknown"): VendorError {
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
    idempotencyKey: key,
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
  { adapter, phase, ref, key, redact }: AnswerContext,
  path: string | undefined,
  expected: string,
  cause?: Error,
): ProtocolError {
  const wanted = excerptOf(answer.cut === undefined ? expected : `${expected}, in a whole body`, redact);
  const excerpt = excerptOf(answer.text, redact);
  // A read can be repeated; the outcome of a paid POST is decided elsewhere.
  const retryable = phase !== "submit";
  return new ProtocolError({
    vendor: adapter.vendor,
    phase,
    ref,
    idempotencyKey: key,
    path: path === undefined ? undefined : excerptOf(path, redact),
    expected: wanted,
    excerpt,
    retryable,
    cause,
  });
}

// For a poll: everything passes except a refused key and a task that is gone.
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
