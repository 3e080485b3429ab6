// Every call but the paid POST. One attempt each: the caller decides whether to ask again.
import type { KyInstance, Options as KyOptions } from "ky";
import type { ClientContext } from "../context/context.ts";
import { withCredentials } from "../context/credentials.ts";
import { coolDownMs } from "../limits/limiter.ts";
import { excerptOf, reason, safeCause } from "../redact.ts";
import { ConnectionError, InvalidRequestError, type Phase } from "../task/errors.ts";
import { isHeard, type OnEvent } from "../task/events.ts";
import type { TaskRef } from "../task/task.ts";
import type { Interrupt } from "../time/alarm.ts";
import { Exchange } from "../time/exchange.ts";
import { checkedCall, WrongSpecError, type Asked, type HttpCall } from "../vendor-spec/call.ts";
import { abortedError } from "./aborted.ts";
import { readAnswer, type Answer } from "./answer.ts";
import { fetchOfRequest, noStore } from "./fetch.ts";
import { parseDamaged } from "./json.ts";
import { protocolError, refusalOf, vendorError, type AnswerContext } from "./refusal.ts";

/** Time for a read, headers and body, in ms of real time. */
const READ_TIMEOUT = 30_000;

export type CallOptions = {
  phase: Phase;
  asked: Asked;
  ref?: TaskRef;
  key?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Makes it needless: it then ends with any error. */
  interrupt?: Interrupt | undefined;
  /** Of this exchange, where it takes longer than a read. */
  timeoutMs?: number;
  /** `read` sees refusals first: they may be what the vendor documents of a task. */
  readsErrors?: boolean | undefined;
  /** An answer that is no error says all: its body may be of any kind, or missing. */
  isBodyUnread?: boolean | undefined;
  /** A list says something also where it broke off or is too long: what has arrived of it is read. */
  isPartEnough?: boolean | undefined;
  /** When it leaves at the latest, by `clock.elapsed()`, through any limit. */
  latest?: number | undefined;
  /** The shared limits have let it pass already. */
  hasPassed?: boolean;
  /** Called when it leaves. */
  onLeave?: (() => void) | undefined;
  /** Called with the answer, before it is read. */
  onAnswer?: ((answer: Answer) => void) | undefined;
  emit: OnEvent;
};

/**
 * Sends a call that costs nothing and reads its body with `read`. `despite`: what is taken although the body, under a 2xx,
 * says that something is wrong.
 *
 * @throws ConnectionError, VendorError, ProtocolError, or AbortedError the moment the signal aborts.
 */
export async function callVendor<T>(
  context: ClientContext,
  call: HttpCall,
  about: CallOptions,
  read: (body: unknown, status: number) => T | undefined,
  despite: (found: T) => boolean = () => false,
): Promise<T> {
  const { credentials } = context;
  tell(about, { type: "request" });
  let answer = await fetchAnswer(context, call, about);
  tell(about, { type: "response", status: answer.status });
  if (about.phase !== "submit" && credentials.areDoubted(answer.status)) {
    answer = await fetchAnswer(context, call, about);
    tell(about, { type: "response", status: answer.status });
    credentials.areDoubted(answer.status, true);
  }
  return readingOf(context, about, answer, read, despite);
}

/** What an answer says, or the error that it stands for. */
function readingOf<T>(
  context: ClientContext,
  about: CallOptions,
  answer: Answer,
  read: (body: unknown, status: number) => T | undefined,
  despite: (found: T) => boolean,
): T {
  const { adapter, redact } = context;
  const { phase, asked, emit } = about;
  if (about.readsErrors && isTold(answer)) {
    const said = tryRead(() => read(answer.body, answer.status));
    if (said !== undefined) return said;
  }
  const refusal = refusalOf(adapter, answer, asked);
  if (refusal) {
    const isOk = answer.status >= 200 && answer.status < 300;
    const found = isOk && answer.cut === undefined ? tryRead(() => read(answer.body, answer.status)) : undefined;
    if (found !== undefined && despite(found)) {
      const message = `the answer holds what was asked for and an error: ${excerptOf(refusal.message, redact)}`;
      emit({ type: "warning", warning: { about: "response", kind: "odd-answer", message } });
      return found;
    }
    const error = vendorError(answer, whereOf(context, about), phase === "submit" ? "no" : "unknown"); // a submit asks only to upload
    if (error.code === "rate_limited") context.limiter.coolDown(coolDownMs(error.retryAfterMs), error);
    throw error;
  }
  if (about.isPartEnough && answer.cut !== undefined)
    answer = { ...answer, body: parseDamaged(answer.text), cut: undefined };
  if (about.isBodyUnread) answer = { ...answer, body: null, cut: undefined };
  if (answer.cut !== undefined || answer.body === undefined)
    throw protocolError(
      answer,
      whereOf(context, about),
      undefined,
      "JSON",
      answer.cut === undefined ? undefined : safeCause(answer.cut, redact),
    );
  try {
    const said = read(answer.body, answer.status);
    if (said === undefined) throw new TypeError("it says nothing of what was asked");
    return said;
  } catch (error) {
    const { path, expected } = misreading(error);
    throw protocolError(answer, whereOf(context, about), path, expected, safeCause(error, redact));
  }
}

function tell({ phase, ref, key, emit }: CallOptions, what: { type: "request" | "response"; status?: number }): void {
  if (isHeard(emit)) emit({ ...what, phase, ...(ref && { ref }), ...(key !== undefined && { idempotencyKey: key }) });
}

const whereOf = ({ adapter, redact }: ClientContext, { phase, asked, ref, key }: CallOptions): AnswerContext => ({
  adapter,
  redact,
  phase,
  asked,
  ref,
  key,
});

// What says nothing of a task: it speaks of the key, a proxy, a rate or time.
const UNTOLD = new Set([401, 403, 404, 407, 408, 425, 429]);
const isTold = ({ status, body, cut }: Answer): boolean =>
  !UNTOLD.has(status) && body !== undefined && cut === undefined;

function tryRead<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // not the documented shape: the answer is what it is anywhere else
  }
}

let ky: KyInstance | undefined;
/** At the first call: on Node it takes longer to load than a whole empty program runs. */
const loadedKy = async (): Promise<KyInstance> => (ky ??= (await import("ky")).default);

async function fetchAnswer(context: ClientContext, call: HttpCall, about: CallOptions): Promise<Answer> {
  const { options, adapter, credentials, limiter, limits, shared } = context;
  const { signal: outer, latest } = about;
  const url = context.urlOf(checkedCall(adapter, about.asked, call));
  const exchange = new Exchange(outer, about.interrupt);
  const { signal } = exchange;
  let hasPassed = false;
  try {
    const turn = limiter.pass("poll", signal, latest);
    if (turn) await turn;
    hasPassed = true;
    if (limits.shared && !about.hasPassed) await exchange.until(shared.pass(signal, latest));
    about.onLeave?.();
    // Only now: time in a queue is not the vendor's.
    exchange.start(about.timeoutMs ?? options.requestTimeout ?? READ_TIMEOUT);
    const { headers } = credentials.known() ?? (await exchange.until(credentials.make()));
    const send = fetchOfRequest(options.fetch ?? fetch, {
      // ky would copy the headers three times: they join the request after it.
      headers: Object.assign(withCredentials(adapter.vendor, call, headers), OUR_HEADERS),
      signal,
      ...noStore(),
    });
    const ask = ky ?? (await exchange.until(loadedKy()));
    signal.throwIfAborted();
    // A fetch that ignores its signal must not hold the caller either. ky needs no signal: its fetch has it.
    const answer = await readAnswer(await exchange.until(ask(url, kyOptions(call, send))), exchange);
    if (exchange.isLeft) throw signal.reason;
    about.onAnswer?.(answer);
    return answer;
  } catch (error) {
    if (exchange.isLeft) throw abortedError(context, about);
    if (!hasPassed || InvalidRequestError.isInstance(error) || error instanceof WrongSpecError) throw error;
    throw noAnswer(context, about, error);
  } finally {
    exchange.end();
    if (hasPassed) limiter.left();
  }
}

const OUR_HEADERS = { "cache-control": "no-cache", accept: "application/json" };

// What it would do with an option that is its default anyhow still costs, each time.
function kyOptions({ method, json, form }: HttpCall, send: typeof fetch): KyOptions {
  const options: KyOptions = { fetch: send, retry: 0, timeout: false, throwHttpErrors: false };
  if (json) options.json = json;
  if (form) options.body = form;
  if (method || json || form) options.method = method ?? "POST";
  return options;
}

function noAnswer({ adapter, redact }: ClientContext, { phase, ref, key }: CallOptions, error: unknown) {
  const cause = safeCause(error, redact);
  const message = `no answer from ${adapter.vendor}: ${reason(cause)}; asking again is free`;
  return new ConnectionError(message, {
    vendor: adapter.vendor,
    phase,
    ref,
    idempotencyKey: key,
    retryable: true,
    cause,
  });
}

type Misread = { path: string | undefined; expected: string };

// Adapters read with zod; any other error says only that the body is not as documented.
function misreading(error: unknown): Misread {
  const issues = (error as { issues?: unknown } | undefined)?.issues;
  const first = (Array.isArray(issues) ? issues[0] : undefined) as { [field: string]: unknown } | null | undefined;
  if (!first) return { path: undefined, expected: "the documented body" };
  const { path: parts, values, expected, message } = first;
  const path = (Array.isArray(parts) && parts.map(String).join(".")) || undefined;
  if (Array.isArray(values)) return { path, expected: `one of ${values.map(String).join(", ")}` };
  return { path, expected: String(expected ?? message ?? "the documented value") };
}
