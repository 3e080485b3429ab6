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
  return adopt(await send(url, init));
}

/** A `fetch` for a library that gives it a `Request`; what is in `init` outranks that. */
export const fetchOfRequest =
  (send: typeof fetch, init: Pick<FetchInit, "signal" | "cache">): typeof fetch =>
  async (input) => {
    const request = input instanceof Request ? input : new Request(input);
    const { method, url } = request;
    const headers = Object.fromEntries(request.headers);
    const body = await bodyOf(request);
    return callFetch(send, url, {
      method,
      headers,
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
      ...init,
    });
  };

// A form, a Blob or a stream is each library's own; bytes are common to all.
async function bodyOf(request: Request): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  if (!request.body) return undefined;
  const isText = /^application\/json\b/.test(request.headers.get("content-type") ?? "");
  return isText ? request.text() : new Uint8Array(await request.arrayBuffer());
}

type Chunks = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** node-fetch answers with a stream of Node's. */
function adopt(response: Response): Response {
  const body = response?.body as unknown;
  if (typeof body !== "object" || body === null || "getReader" in body || !(Symbol.asyncIterator in body))
    return response;
  const { status, headers } = response;
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? streamOf(body as Chunks) : null, { status, headers: [...headers] });
}

function streamOf(chunks: Chunks): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
