// How the paid POST leaves: once, never through a redirect, never cancelled by a caller, and on a connection that has
// carried no request before. A stale kept-alive connection fails in a way that cannot be told from a request that was
// read, and one runtime re-sends by itself on it.
import { readAnswer } from "../http/answer.ts";
import { callFetch, noStore } from "../http/fetch.ts";
import { Exchange } from "../time/exchange.ts";
import { postOnce } from "./node-http.ts";
import { isNode, nodeTransport } from "./node-transport.ts";
import { isRefusedByDispatcher, provesNotSent, type Runtime } from "./not-sent.ts";
import type { Outgoing, PaidPost, Sent } from "./paid-post.ts";

/** Begins to send before it returns: between the caller's last look at the time and the request nothing waits. */
export async function sendOnce(post: PaidPost, isLate: () => boolean, customFetch?: typeof fetch): Promise<Sent> {
  let begin: () => Promise<Sent>;
  try {
    const headers = { ...post.headers, "content-type": "application/json", accept: "application/json" };
    // What no header can carry throws here, while it is certain that nothing has left.
    const outgoing = { ...post, headers: Object.fromEntries(new Headers(headers)), isLate };
    const direct = nodeTransport(customFetch ?? fetch, new URL(post.url));
    const way = wayOf(new URL(post.url), customFetch);
    begin = () => (direct ? postOnce(direct.node, outgoing, direct.proxyEnv) : postByFetch(outgoing, way));
  } catch (notSent) {
    return { notSent };
  }
  return begin();
}

/** A `fetch`, what it is given beside the request, and which of its errors prove that nothing left. */
type Way = { send: typeof fetch; init: object; proves: (error: unknown) => boolean };

async function postByFetch({ url, headers, body, timeoutMs }: Outgoing, { send, init, proves }: Way): Promise<Sent> {
  const exchange = new Exchange().start(timeoutMs);
  const turn = currentTurn();
  try {
    const { signal } = exchange;
    const request = { ...noStore(), ...init, method: "POST", headers, body, redirect: "manual" as const, signal };
    const response = await exchange.until(callFetch(send, url, request));
    return { answer: await readAnswer(response, exchange) };
  } catch (error) {
    const isNotSent = () => (turn.lasts() && isRefusedByDispatcher(error)) || proves(error);
    return holds(isNotSent) ? { notSent: error } : { lost: error };
  } finally {
    turn.end();
    exchange.end();
  }
}

/** Anything can be thrown, also what throws when it is read: that proves nothing. */
function holds(proof: () => boolean): boolean {
  try {
    return proof();
  } catch {
    return false;
  }
}

/** What is thrown before the event loop turns was thrown before anything could come back, and so before any retry. */
function currentTurn(): { lasts(): boolean; end(): void } {
  let lasts = isNode();
  const immediate = globals.setImmediate?.(() => (lasts = false));
  return { lasts: () => lasts, end: () => globals.clearImmediate?.(immediate) };
}

const globals = globalThis as {
  Bun?: unknown;
  Deno?: { createHttpClient?(options: object): object };
  setImmediate?(work: () => void): unknown;
  clearImmediate?(immediate: unknown): void;
};

function wayOf(url: URL, customFetch: typeof fetch | undefined): Way {
  if (customFetch) {
    const errorsOf = runtimeOfCustomFetch();
    return { send: customFetch, init: {}, proves: (error) => provesNotSent(error, errorsOf, url) };
  }
  const way: Way = { send: fetch, init: {}, proves: () => false };
  switch (runtime()) {
    case "bun":
      return { ...way, init: { keepalive: false }, proves: (error) => provesNotSent(error, "bun") };
    case "deno": {
      denoClient ??= globals.Deno?.createHttpClient?.({ poolMaxIdlePerHost: 0 });
      if (!denoClient) return way;
      return { ...way, init: { client: denoClient }, proves: (error) => provesNotSent(error, "deno") };
    }
    default:
      return way; // on Node it goes through something of the program's, which may send again by itself
  }
}

// One for all submits: without a pool it holds no connection, and so needs no closing.
let denoClient: object | undefined;

function runtime(): Runtime {
  if (globals.Bun) return "bun";
  if (globals.Deno) return "deno";
  return isNode() ? "node" : "other";
}

/** A custom fetch may pool connections, which on Deno leaves no error that proves anything. */
export function runtimeOfCustomFetch(): Runtime {
  const where = runtime();
  return where === "deno" ? "other" : where;
}
