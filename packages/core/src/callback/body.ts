// Reads the body of a callback: bounded in size and time, and as JSON, whatever its content type says. The token of the URL
// decides what a callback is, and nothing signs its bytes.
import { MAX_BODY } from "../http/answer.ts";
import { parseJson } from "../http/json.ts";
import { safeDelay } from "../time/clock.ts";

/** As an answer may have: some vendors repeat the request in a callback, and with it the files that were inside. */
const MAX_BYTES = MAX_BODY;
/** In ms of real time: no vendor needs longer for a body this small. */
const MAX_MS = 5_000;

/** The parsed body, with its text where that is known, or the status that refuses it. */
export type Body = { json: unknown; text?: string } | { status: 400 | 408 | 413 };

/**
 * `parsed`: what the program has made of the body already: text, bytes, or the value that the JSON stands for.
 *
 * @throws TypeError when the body was read before and is not given
 */
export async function readBody(request: Request, parsed?: unknown): Promise<Body> {
  if (parsed !== undefined) return givenBody(parsed);
  if (request.bodyUsed || request.body?.locked)
    throw new TypeError(
      "the body of the callback was read before: give the request to the receiver first, or what was read as `body`",
    );
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) return { status: 413 };
  const text = await readText(request.body);
  return typeof text === "number" ? { status: text } : parse(text);
}

function givenBody(parsed: unknown): Body {
  if (typeof parsed === "string") return parsed.length > MAX_BYTES ? { status: 413 } : parse(parsed);
  const isBytes = parsed instanceof ArrayBuffer || ArrayBuffer.isView(parsed);
  if (!isBytes) return { json: parsed };
  return parsed.byteLength > MAX_BYTES ? { status: 413 } : parse(new TextDecoder().decode(parsed));
}

function parse(text: string): Body {
  const json = parseJson(text.replace(/^\ufeff/, ""));
  return json === undefined ? { status: 400 } : { json, text };
}

async function readText(body: ReadableStream<Uint8Array> | null): Promise<string | 400 | 408 | 413> {
  if (!body) return 400;
  const reader = body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<408>((resolve) => (timer = setTimeout(() => resolve(408), safeDelay(MAX_MS))));
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      const step = await Promise.race([late, reader.read()]);
      if (step === 408) return 408;
      if (step.done) return text + decoder.decode();
      bytes += step.value.byteLength;
      if (bytes > MAX_BYTES) return 413;
      text += decoder.decode(step.value, { stream: true });
    }
  } catch {
    return 400; // cut off
  } finally {
    clearTimeout(timer);
    void reader.cancel().catch(() => {});
  }
}
