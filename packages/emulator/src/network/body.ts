// Reading a request's body: bounded, and never a reason to throw.

/** Larger bodies are refused, where a vendor does not take more: 1 MiB. */
export const MAX_BODY = 2 ** 20;

// `Uint8Array<ArrayBuffer>`, which TypeScript before 5.7 cannot read.
export type Bytes = ReturnType<Uint8Array["slice"]>;

export type Body =
  | { kind: "none" }
  | { kind: "json"; value: unknown; bytes: Bytes }
  | { kind: "text"; text: string; bytes: Bytes }
  /** Not UTF-8. */
  | { kind: "binary"; bytes: Bytes }
  | { kind: "too-large" }
  /** The caller went away in the middle. */
  | { kind: "cut" };

export const NO_BODY: Body = { kind: "none" };

export async function readBody(request: Request, most = MAX_BODY): Promise<Body> {
  if (Number(request.headers.get("content-length")) > most) {
    request.body?.cancel().catch(() => {}); // not awaited: of a cloned request it would take for ever
    return { kind: "too-large" };
  }
  if (!request.body) return NO_BODY;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > most) {
        reader.cancel().catch(() => {});
        return { kind: "too-large" };
      }
      chunks.push(value);
    }
  } catch {
    return { kind: "cut" };
  }
  return size === 0 ? NO_BODY : parse(join(chunks, size));
}

function join(chunks: readonly Uint8Array[], size: number): Bytes {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function parse(bytes: Bytes): Body {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { kind: "binary", bytes };
  }
  try {
    return { kind: "json", value: JSON.parse(text) as unknown, bytes };
  } catch {
    return { kind: "text", text, bytes };
  }
}
