// Reading a request's body: bounded, and never a reason to throw.

/** Larger bodies are refused: 1 MiB. */
export const MAX_BODY = 2 ** 20;

export type Body =
  | { kind: "none" }
  | { kind: "json"; value: unknown; bytes: number }
  | { kind: "text"; text: string; bytes: number }
  | { kind: "too-large" }
  /** The caller went away in the middle. */
  | { kind: "cut" };

export async function readBody(request: Request): Promise<Body> {
  if (Number(request.headers.get("content-length")) > MAX_BODY) {
    await request.body?.cancel().catch(() => {});
    return { kind: "too-large" };
  }
  if (!request.body) return { kind: "none" };
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > MAX_BODY) {
        await reader.cancel().catch(() => {});
        return { kind: "too-large" };
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return { kind: "cut" };
  }
  text += decoder.decode();
  if (bytes === 0) return { kind: "none" };
  try {
    return { kind: "json", value: JSON.parse(text) as unknown, bytes };
  } catch {
    return { kind: "text", text, bytes };
  }
}
