// Reads the body of a callback: bounded in size and time, and as JSON only.
import { safeDelay } from "../time/clock.ts";

/** The callbacks of all vendors are below 10 kB. */
const MAX_BYTES = 256 * 1024;
/** In ms of real time: no vendor needs longer for a body this small. */
const MAX_MS = 5_000;

/** The parsed body, or the status that refuses it. */
export type Body = { json: unknown } | { status: 400 | 408 | 413 };

/** @throws TypeError when the body was read before */
export async function readBody(request: Request): Promise<Body> {
  if (request.bodyUsed || request.body?.locked)
    throw new TypeError("the body of the callback was read before: give the request to the receiver first");
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(request.headers.get("content-type") ?? ""))
    return { status: 400 };
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) return { status: 413 };
  const text = await readText(request.body);
  if (typeof text === "number") return { status: text };
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return { status: 400 };
  }
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
