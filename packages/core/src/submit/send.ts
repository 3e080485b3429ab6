import { readAnswer, type Answer } from "../http/answer.ts";
import { exchangeSignal } from "../time/abort.ts";
import { provesNotSent, type Runtime } from "./not-sent.ts";
import { traced, type SendTrace } from "./send-trace.ts";

/** A paid request, complete: nothing is computed between the journal's word that it is being sent and its sending. */
export type PaidPost = { url: string; apiKey: string; body: string; timeoutMs: number };

/** What is known after a paid POST: an answer, the proof that it never left, or nothing. `twice`: it left twice. */
export type Sent = { twice?: true } & ({ answer: Answer } | { notSent: unknown } | { lost: unknown });

/**
 * Sends the paid POST once. Never through anything that can retry, never through a redirect, never cancelled by a
 * caller, and on a connection that has carried no request before: a stale kept-alive connection fails in a way that
 * cannot be told from a request that was read, and one runtime re-sends by itself on it.
 */
export type SendOnce = (post: PaidPost) => Promise<Sent>;

/** Prepares the transport of one POST, so that `sendOnce` itself calls `fetch` without waiting for anything. */
export async function prepareSend(customFetch?: typeof fetch): Promise<SendOnce> {
  if (customFetch) return (post) => exchange(customFetch, post, {}, runtimeOfCustomFetch());
  const { init, proof, release } = await freshConnection(runtime());
  return (post) => exchange(fetch, post, init, proof).finally(release);
}

async function exchange(send: typeof fetch, post: PaidPost, init: object, where: Runtime): Promise<Sent> {
  const { signal, end } = exchangeSignal(post.timeoutMs);
  const headers = {
    authorization: `Bearer ${post.apiKey}`,
    "content-type": "application/json",
    accept: "application/json",
  };
  const request = { ...init, method: "POST", headers, body: post.body, redirect: "manual" as const, signal };
  const { result, trace } = traced(async () => send(post.url, request));
  try {
    const answer = await readAnswer(await raceTimeout(result, signal), signal);
    return { answer, ...twice(trace) };
  } catch (error) {
    // Seen being made and not being written: that outranks what the error says. Unseen, or through a dispatcher of the
    // user's, which may do more than it shows, only the error can prove it.
    const isWitnessed = trace.created > 0 && where !== "other";
    const isProven = isWitnessed ? trace.sent === 0 : provesNotSent(error, where);
    return isProven ? { notSent: error } : { lost: error, ...twice(trace) };
  } finally {
    end();
  }
}

const twice = ({ sent }: SendTrace): { twice?: true } => (sent > 1 ? { twice: true } : {});

// A custom fetch may ignore the signal; the time-out holds all the same.
const raceTimeout = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
  ]);

/** `proof`: the runtime whose errors can prove that nothing left; on a connection that is not ours none does. */
type Connection = { init: object; proof: Runtime; release: () => void };
type Dispatcher = { destroy(): Promise<void> };
type DispatcherClass = new (options: object) => Dispatcher;

const globals = globalThis as {
  Bun?: unknown;
  Deno?: { createHttpClient?(options: object): object };
  process?: { versions?: { node?: string } };
  [symbol: symbol]: unknown;
};

function runtime(): Runtime {
  if (globals.Bun) return "bun";
  if (globals.Deno) return "deno";
  return globals.process?.versions?.node ? "node" : "other";
}

/** A custom fetch may pool connections, which on Deno leaves no error that proves anything. */
export function runtimeOfCustomFetch(): Runtime {
  const where = runtime();
  return where === "deno" ? "other" : where;
}

async function freshConnection(where: Runtime): Promise<Connection> {
  const foreign: Connection = { init: {}, proof: "other", release: () => {} };
  switch (where) {
    case "bun":
      return { ...foreign, init: { keepalive: false }, proof: where };
    case "deno": {
      denoClient ??= globals.Deno?.createHttpClient?.({ poolMaxIdlePerHost: 0 });
      return denoClient ? { ...foreign, init: { client: denoClient }, proof: where } : foreign;
    }
    case "node": {
      const Agent = await nodeAgent();
      if (!Agent) return foreign;
      const dispatcher = new Agent({ keepAliveTimeout: 1, allowH2: false });
      return { init: { dispatcher }, proof: where, release: () => void dispatcher.destroy().catch(() => {}) };
    }
    default:
      return foreign;
  }
}

// One for all submits: without a pool it holds no connection, and so needs no closing.
let denoClient: object | undefined;

// Node's own undici has no public name; its class is found on the dispatcher that the first fetch leaves behind. A
// dispatcher the user has set (a proxy, a mock) is left alone.
export async function nodeAgent(): Promise<DispatcherClass | undefined> {
  if (!globalDispatcher()) await fetch("data:,").catch(() => {}); // a replaced fetch may refuse it
  const found = globalDispatcher()?.constructor as DispatcherClass | undefined;
  return found && ["Agent", "EnvHttpProxyAgent"].includes(found.name) ? found : undefined;
}

const globalDispatcher = (): object | undefined =>
  (globals[Symbol.for("undici.globalDispatcher.2")] ?? globals[Symbol.for("undici.globalDispatcher.1")]) as
    | object
    | undefined;
