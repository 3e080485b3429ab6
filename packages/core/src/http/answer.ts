// What came back from a vendor, read whole and bounded, before it is interpreted.
import { safeDelay } from "../time/clock.ts";
import type { Exchange } from "../time/exchange.ts";
import { parseJson } from "./json.ts";

/** A longer JSON answer is cut here. */
export const MAX_BODY = 1024 * 1024;

export type Answer = {
  status: number;
  /** The body as far as it came. */
  text: string;
  /** The parsed body; `undefined` when it is not JSON. */
  body: unknown;
  /** Why the body did not come whole. */
  cut: unknown;
  /** Most answers are read without one. */
  header: (name: string) => string | null;
};

/** Reads a response; a body that breaks off, stalls (the exchange is over) or is too long is kept as far as it came. */
export async function readAnswer(response: Response, exchange: Exchange): Promise<Answer> {
  // A redirect that the runtime hides (`opaqueredirect`) has status 0.
  const status = response.type === "opaqueredirect" ? 302 : response.status;
  const header = response.headers.get.bind(response.headers);
  if (!response.body) return toAnswer(status, header, "");
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  try {
    await exchange.until(collect(reader, chunks));
    return toAnswer(status, header, textOf(chunks));
  } catch (cut) {
    void reader.cancel(cut).catch(() => {});
    return toAnswer(status, header, textOf(chunks, true), cut ?? new Error("the body broke off"));
  }
}

async function collect(reader: ReadableStreamDefaultReader<Uint8Array>, chunks: Uint8Array[]): Promise<void> {
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    chunks.push(value);
    bytes += value.byteLength;
    if (bytes > MAX_BODY) throw new Error(`the body is longer than ${MAX_BODY} bytes`);
  }
}

export const toAnswer = (status: number, header: Answer["header"], text: string, cut?: unknown): Answer => ({
  status,
  text,
  body: parseJson(text),
  cut,
  header,
});

/** The `code` of a body where that is the number of an HTTP error. */
export function statusInBody(body: unknown): number | undefined {
  const code = typeof body === "object" && body !== null ? (body as { code?: unknown }).code : undefined;
  return typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined;
}

/** One for all texts: each is decoded whole. */
let decoder: TextDecoder | undefined;

/** Of a text that was cut, half a character at its end is left out. */
function textOf(chunks: readonly Uint8Array[], isCut = false): string {
  const [first] = chunks;
  if (!first) return "";
  let length = 0;
  for (const chunk of chunks) length += chunk.byteLength;
  const all = chunks.length === 1 ? first : new Uint8Array(length);
  let at = 0;
  for (const chunk of all === first ? [] : chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return isCut ? new TextDecoder().decode(all, { stream: true }) : (decoder ??= new TextDecoder()).decode(all);
}

/**
 * How long an answer asks to wait, in ms, as far as a timer can wait. A date is compared with the answer's own `Date`, not with
 * our clock; of a header that stands twice the first counts.
 */
export function retryAfter(header: Answer["header"]): number | undefined {
  const value = header("retry-after")?.trim() ?? "";
  const [, seconds] = /^(\d+(?:\.\d*)?)(?:\s*,.*)?$/.exec(value) ?? [];
  if (seconds !== undefined) return safeDelay(Number(seconds) * 1000);
  const wait = /[a-z]/i.test(value) ? Date.parse(value) - Date.parse(header("date") ?? "") : Number.NaN;
  return Number.isNaN(wait) ? undefined : safeDelay(wait);
}
