// An answer that is no success: what is refused, and the error it stands for.
import { remedyOf } from "../context/credentials.ts";
import { excerptOf, type Redact } from "../redact.ts";
import { VendorError, ProtocolError, type Phase } from "../task/errors.ts";
import { codeOfStatus } from "../task/failure.ts";
import type { TaskRef } from "../task/task.ts";
import type { Asked } from "../vendor-spec/call.ts";
import type { Refusal } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { retryAfter, statusInBody, type Answer } from "./answer.ts";

export type AnswerContext = {
  adapter: Adapter;
  redact: Redact;
  phase: Phase;
  asked: Asked;
  ref?: TaskRef | undefined;
  key?: string | undefined;
};

/** A refusal, and whether the vendor said it in its own shape; a page of a gateway or proxy has none. */
export type SeenRefusal = Refusal & { isOwn: boolean };

export const MOVED = new Set([301, 307, 308]);

/** What an answer refuses, or nothing if neither its status nor its body is an error. */
export function refusalOf(adapter: Adapter, answer: Answer, asked: Asked): SeenRefusal | undefined {
  const said = adapterRefusal(adapter, answer, asked);
  if (said) return { ...said, isOwn: true };
  const isOk = answer.status >= 200 && answer.status < 300;
  const status = isOk ? statusInBody(answer.body) : answer.status;
  return status === undefined ? undefined : { code: codeOfStatus(status), message: described(answer), isOwn: false };
}

/** The error for an answer that refuses a call; `code` where it is another than the refusal's own. */
export function vendorError(
  answer: Answer,
  context: AnswerContext,
  billed: "no" | "unknown",
  code?: Refusal["code"],
): VendorError {
  const { adapter, phase, asked, ref, key, redact } = context;
  const found = refusalOf(adapter, answer, asked);
  const refusal = found ?? { code: codeOfStatus(answer.status), message: described(answer), isOwn: false };
  const seen = code === undefined ? refusal : { ...refusal, code };
  const said = excerptOf(seen.message, redact);
  return new VendorError(`${adapter.vendor}: ${said}${remedy(seen, context, answer)}`, {
    vendor: adapter.vendor,
    phase,
    ref,
    idempotencyKey: key,
    billed,
    code: seen.code,
    status: answer.status,
    vendorCode: seen.vendorCode === undefined ? undefined : excerptOf(String(seen.vendorCode), redact),
    retryAfterMs: retryAfter(answer.header),
    retryable: phase === "submit" ? billed === "no" && seen.code === "rate_limited" : isPassing(seen),
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

// Of a poll: everything passes but a key that the vendor refuses and a task that is gone.
const isPassing = ({ code, isOwn }: SeenRefusal): boolean =>
  code !== "not_found" && !(isOwn && (code === "unauthorized" || code === "forbidden"));

function adapterRefusal(adapter: Adapter, answer: Answer, asked: Asked): Refusal | undefined {
  if (answer.body === undefined) return undefined;
  try {
    const said = adapter.refusal(answer.status, answer.body, asked);
    return typeof said?.code === "string" ? { ...said, message: String(said.message || described(answer)) } : undefined;
  } catch {
    return undefined; // not the vendor's shape: the status speaks
  }
}

// Words in JSON are worth showing, also those of a gateway; those of a page are not.
function described({ status, header, body, text }: Answer): string {
  const contentType = header("content-type");
  if (typeof body === "object" && body !== null && Object.keys(body).length > 0) return `HTTP ${status}: ${text}`;
  return `HTTP ${status}${contentType && !contentType.includes("json") ? ` with ${contentType.split(";")[0]}` : ""}`;
}

/** What a gateway or a proxy on the way says in the vendor's place. */
const GATEWAY = new Set([401, 403, 407, 429]);

function remedy({ code, isOwn }: SeenRefusal, { adapter, phase }: AnswerContext, answer: Answer): string {
  if (MOVED.has(answer.status)) {
    const location = answer.header("location") ?? "";
    const target = URL.canParse(location) ? ` to ${new URL(location).origin}` : "";
    return `; the base URL has moved${target}: set \`baseUrl\``;
  }
  if (phase !== "submit" && !isOwn && GATEWAY.has(answer.status))
    return `; these are not ${adapter.vendor}'s words: a gateway or a proxy on the way may have answered`;
  if (code === "unauthorized") return `; check the credentials: ${remedyOf(adapter)}`;
  if (code === "insufficient_credits") return "; top up the account, then submit again";
  return "";
}
