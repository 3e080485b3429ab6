// Every call goes through here to a `fetch` that may be the user's own: `undici.fetch`, node-fetch or a function of two
// arguments. So each gets what all of them take, a URL as text and an init with plain values.

/** What core gives to a `fetch`. The runtime's own may get more. */
export type FetchInit = {
  method?: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  redirect: "manual";
  signal: AbortSignal;
  cache?: "no-store";
};

let noStoreInit: { cache?: "no-store" } | undefined;

/**
 * A caching fetch would answer with an old copy; workerd refuses the option on older compatibility dates. It is not tried
 * before the first call: on Node a first `Request` puts the dispatcher in place that npm's undici then finds.
 */
export const noStore = (): { cache?: "no-store" } => (noStoreInit ??= isCacheTaken() ? { cache: "no-store" } : {});

function isCacheTaken(): boolean {
  try {
    return new Request("http://localhost", { cache: "no-store" }).cache === "no-store";
  } catch {
    return false;
  }
}

export async function callFetch(send: typeof fetch, url: string, init: FetchInit): Promise<Response> {
  const response = await send(url, init);
  return response instanceof Response || !isObject(response) ? response : adopt(response);
}

/** A `fetch` for a library that gives it a `Request`; what is in `init` outranks that, and its headers join those of the request. */
export function fetchOfRequest(
  send: typeof fetch,
  init: Pick<FetchInit, "headers" | "signal" | "cache">,
): typeof fetch {
  return (input) => {
    const request = input instanceof Request ? input : new Request(input);
    const { method, url } = request;
    if (!request.body) return callFetch(send, url, { method, redirect: "manual", ...init });
    const headers = { ...Object.fromEntries(request.headers), ...init.headers };
    const ask = (body: string | Uint8Array<ArrayBuffer>) =>
      callFetch(send, url, { method, redirect: "manual", ...init, headers, body });
    return bodyOf(request).then(ask);
  };
}

// A form, a Blob or a stream is each library's own; bytes are common to all.
async function bodyOf(request: Request): Promise<string | Uint8Array<ArrayBuffer>> {
  const isText = /^application\/json\b/.test(request.headers.get("content-type") ?? "");
  return isText ? request.text() : new Uint8Array(await request.arrayBuffer());
}

type Chunks = AsyncIterable<Uint8Array<ArrayBuffer> | string>;

/** What stands for a Response: node-fetch's with a stream of Node's, a polyfill's or a mock's without any stream. */
type Alike = Partial<Pick<Response, "status" | "headers" | "arrayBuffer" | "text" | "json">> & { body?: unknown };

async function adopt(response: Response): Promise<Response> {
  const { body, status = 0, headers } = response as Alike;
  const isWhole = isObject(body) && "getReader" in body;
  if (isWhole || status < 200 || status > 599) return response; // of no other status a Response can be made
  const isBare = [204, 205, 304].includes(status);
  const content = isBare
    ? null
    : isObject(body) && Symbol.asyncIterator in body
      ? streamOf(body as Chunks)
      : await contentOf(response);
  const pairs = isObject(headers) && Symbol.iterator in headers ? [...headers] : Object.entries(headers ?? {});
  return new Response(content, { status, headers: pairs as [string, string][] });
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

// Bytes first: not everything is text.
async function contentOf(response: Alike): Promise<ArrayBuffer | string | null> {
  if (response.arrayBuffer) return response.arrayBuffer();
  if (response.text) return response.text();
  return response.json ? JSON.stringify(await response.json()) : null;
}

/** Some streams give texts. */
const bytesOf = (chunk: Uint8Array<ArrayBuffer> | string): Uint8Array<ArrayBuffer> =>
  typeof chunk === "string" ? new TextEncoder().encode(chunk) : new Uint8Array(chunk);

function streamOf(chunks: Chunks): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(bytesOf(value));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
