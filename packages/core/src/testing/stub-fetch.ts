/** A request as it reached the stub. */
export type Seen = { method: string; url: string; headers: Headers; body: string };
/** What the stub does with one request. */
export type Step = (request: Seen) => Response | Promise<Response>;

/** An answer; a body that is not a string is sent as JSON. */
export const answer =
  (status: number, body?: unknown, headers: Record<string, string> = {}): Step =>
  () => {
    const isText = typeof body === "string";
    const type = { "content-type": isText ? "text/html" : "application/json" };
    const text = body === undefined ? null : isText ? body : JSON.stringify(body);
    return new Response(status === 204 || status === 304 ? null : text, { status, headers: { ...type, ...headers } });
  };

/** The connection is reset, as Node's fetch tells it after the request was read. */
export const reset: Step = () => {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
  throw new TypeError("fetch failed", { cause });
};

/** A closed port: the one fault here that proves a request never left, as Node and Bun report it. */
export const refusedConnection: Step = () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
  throw Object.assign(new TypeError("fetch failed", { cause }), { code: "ECONNREFUSED" });
};

/** A 200 whose body breaks off after `bytes` of the JSON text. */
export const cutAfter =
  (body: unknown, bytes: number): Step =>
  () => {
    let sent = false;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) return controller.error(new TypeError("terminated"));
        sent = true;
        controller.enqueue(new TextEncoder().encode(JSON.stringify(body)).slice(0, bytes));
      },
    });
    return new Response(stream, { status: 200, headers: { "content-type": "application/json" } });
  };

/** A `fetch` that answers from a list, the last step again and again, and keeps what it saw. */
export function stubFetch(...steps: readonly Step[]): { fetch: typeof fetch; seen: Seen[] } {
  const seen: Seen[] = [];
  const stub = async (input: Request | URL | string, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const { method, url, headers } = request;
    const entry = { method, url, headers, body: await request.text() };
    seen.push(entry);
    const step = steps[Math.min(seen.length, steps.length) - 1];
    if (!step) throw new Error("the stub has no step");
    return step(entry);
  };
  return { fetch: stub as typeof fetch, seen };
}
