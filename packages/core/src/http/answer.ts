// What came back from a vendor, read whole and bounded, before it is interpreted.
import { whenAborted } from "../time/when-aborted.ts";
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
  cut?: unknown;
  contentType: string;
  location?: string;
  retryAfterMs?: number;
  /** When it was given, by the clock of the one who gave it: ms since 1970. */
  date?: number;
};

/** Reads a response; a body that breaks off, stalls (the signal ends it) or is too long is kept as far as it came. */
export async function readAnswer(response: Response, signal?: AbortSignal): Promise<Answer> {
  const { text, cut } = await readText(response, signal);
  return toAnswer({
    // A redirect that the runtime hides (`opaqueredirect`) has status 0.
    status: response.type === "opaqueredirect" ? 302 : response.status,
    header: (name) => response.headers.get(name),
    text,
    cut,
  });
}

type Read = { status: number; header: (name: string) => string | null; text: string; cut?: unknown };

export function toAnswer({ status, header, text, cut }: Read): Answer {
  const location = header("location");
  const retryAfterMs = retryAfter(header);
  const date = Date.parse(header("date") ?? "");
  return {
    status,
    text,
    body: parseJson(text),
    contentType: header("content-type") ?? "",
    ...(cut === undefined ? {} : { cut }),
    ...(location === null ? {} : { location }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(Number.isNaN(date) ? {} : { date }),
  };
}

/** The `code` of a body where that is the number of an HTTP error. */
export function statusInBody(body: unknown): number | undefined {
  const code = typeof body === "object" && body !== null ? (body as { code?: unknown }).code : undefined;
  return typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined;
}

async function readText(response: Response, signal?: AbortSignal): Promise<{ text: string; cut?: unknown }> {
  if (!response.body) return { text: "" };
  const reader = response.body.getReader();
  const stop = () => void reader.cancel(signal?.reason).catch(() => {});
  const forget = signal?.aborted ? undefined : whenAborted(signal, stop);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    if (signal?.aborted) throw signal.reason;
    for (;;) {
      const { done, value } = await reader.read();
      if (signal?.aborted) throw signal.reason;
      if (done) return { text: textOf(chunks, bytes) };
      bytes += value.byteLength;
      chunks.push(value);
      if (bytes > MAX_BODY) throw new Error(`the body is longer than ${MAX_BODY} bytes`);
    }
  } catch (cut) {
    stop();
    return { text: textOf(chunks, bytes, true), cut: cut ?? new Error("the body broke off") };
  } finally {
    forget?.();
  }
}

/** One for all texts: each is decoded whole. */
let decoder: TextDecoder | undefined;

/** Of a text that was cut, half a character at its end is left out. */
function textOf(chunks: readonly Uint8Array[], length: number, isCut = false): string {
  const [first] = chunks;
  if (!first) return "";
  const all = chunks.length === 1 ? first : new Uint8Array(length);
  let at = 0;
  for (const chunk of all === first ? [] : chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return isCut ? new TextDecoder().decode(all, { stream: true }) : (decoder ??= new TextDecoder()).decode(all);
}

/** How long an answer asks to wait, in ms. A date is compared with the answer's own `Date`, not with our clock. */
export function retryAfter(header: (name: string) => string | null): number | undefined {
  const value = header("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(header("date") ?? "");
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
