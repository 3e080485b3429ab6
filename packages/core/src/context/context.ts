// What the paths of one client share: its options, journal, limits and clock.
import type { Journal } from "../journal/journal.ts";
import { createLimiter, type Limiter } from "../limits/limiter.ts";
import { redactor, type Redact } from "../redact.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import type { Clock } from "../time/clock.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { createDurations, type Durations } from "./durations.ts";
import { createEndNotifier, type EndNotifier } from "./end-notifier.ts";
import { secretsOf, type CallbackOptions, type ClientOptions } from "./options.ts";

/** What the functions behind a client share: its adapter, its settings, and the few things they keep. */
export type ClientContext = {
  readonly adapter: Adapter;
  /** Without those that are secret: a context is an object that can be printed. */
  readonly options: Omit<ClientOptions, "apiKey" | "callback">;
  readonly clock: Clock;
  /** The one given, else one in memory; inside a router, the router's. */
  journal: Journal;
  readonly limiter: Limiter;
  readonly ends: EndNotifier;
  /** How long tasks took that this client saw end. */
  readonly durations: Durations;
  readonly redact: Redact;
  readonly onEvent: OnEvent | undefined;
  /** The option of that name: always the same object, as it was when the client was made. */
  callback(): CallbackOptions | undefined;
  /** The API key. @throws InvalidRequestError at `apiKey` when there is none. */
  apiKey(): string;
  /** The base URL without a trailing slash. @throws InvalidRequestError at `baseUrl`. */
  baseUrl(): string;
  account(): string;
  /** Names this client in the journal rows it works on. */
  readonly owner: string;
  /** Warnings that are given once per client. */
  readonly warned: Set<string>;
  /** Everything that a paid POST left running: exchanges and journal writes. */
  readonly inFlight: Set<Promise<unknown>>;
  /** Aborts when the client drains: no POST starts any more. */
  readonly closing: AbortSignal;
};

function env(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
  } catch {
    return undefined; // Deno without the permission to read it
  }
}

export const baseUrlEnv = (adapter: Adapter): string => `${adapter.vendor.toUpperCase()}_BASE_URL`;

type Parts = Pick<ClientContext, "adapter" | "clock" | "journal" | "closing"> & { readonly options: ClientOptions };

export function createContext(parts: Parts): ClientContext {
  const { adapter } = parts;
  const { apiKey: givenKey, callback: givenCallback, ...options } = parts.options;
  const callback = givenCallback && copyOf(givenCallback);
  const { vendor, keyEnv } = adapter;
  const fail = (path: string, rule: string): never => {
    throw new InvalidRequestError({ vendor, phase: "plan", issues: [issue(path, rule)] });
  };
  const configuredKey = () => givenKey || env(keyEnv);
  const baseUrl = () => {
    const text = (options.baseUrl || env(baseUrlEnv(adapter)) || adapter.baseUrl).replace(/\/+$/, "");
    const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
    if (!isUrl) fail("baseUrl", "an http(s) URL");
    const { port, username, password, search, hash } = new URL(text);
    if (username || password || search || hash) fail("baseUrl", "a URL without user info, query and fragment");
    if (BLOCKED_PORTS.has(Number(port))) fail("baseUrl", `on a port that fetch does not block (${port} is blocked)`);
    return text;
  };
  let owner: string | undefined;
  return {
    ...parts,
    options,
    callback: () => callback,
    limiter: createLimiter(parts.clock, options.limits ?? adapter.limits ?? {}),
    ends: createEndNotifier(),
    durations: createDurations(),
    onEvent: options.onEvent,
    redact: redactor(() => [configuredKey(), ...(callback ? secretsOf(callback) : [])]),
    // A header takes visible ASCII only; anything else would fail later and less clearly.
    apiKey() {
      const key = configuredKey() ?? fail("apiKey", `given: set ${keyEnv} or pass \`apiKey\``);
      return /^[\x21-\x7e]+$/.test(key) ? key : fail("apiKey", "visible ASCII without spaces");
    },
    baseUrl,
    account: () => options.account ?? `${vendor} ${new URL(baseUrl()).origin}`,
    // At the first use: Workers give no random values while a module loads, where clients are made.
    get owner() {
      return (owner ??= crypto.randomUUID());
    },
    warned: new Set(),
    inFlight: new Set(),
  };
}

const copyOf = ({ url, secret }: CallbackOptions): CallbackOptions => ({
  url,
  secret: Array.isArray(secret) ? [...(secret as readonly string[])] : secret,
});

// The "bad ports" of the fetch standard: fetch refuses them before it connects.
const BLOCKED_PORTS = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);
