// What the paths of one client share: its options, journal, limits and clock.
import type { Journal } from "../journal/journal.ts";
import { createLimiter, type Limiter } from "../limits/limiter.ts";
import { redactor, type Redact } from "../redact.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { issue, requiredIssue, type Issue } from "../task/issue.ts";
import type { InFlight } from "../time/abort.ts";
import type { Clock } from "../time/clock.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { brokenBaseUrlRule, trimmedBaseUrl } from "./base-url.ts";
import { createDurations, type Durations } from "./durations.ts";
import { createEndNotifier, type EndNotifier } from "./end-notifier.ts";
import { baseUrlEnv, configuredBaseUrl, env, inEnv } from "./environment.ts";
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
  readonly inFlight: InFlight;
  /** Aborts when the client drains: no POST starts any more. */
  readonly closing: AbortSignal;
};

const KEY_RULE = "visible ASCII characters, without blanks and line breaks: they go into a header";

type Parts = Pick<ClientContext, "adapter" | "clock" | "journal" | "closing"> & { readonly options: ClientOptions };

export function createContext(parts: Parts): ClientContext {
  const { adapter } = parts;
  const { apiKey: givenKey, callback, ...options } = parts.options;
  const { vendor, secrets } = adapter;
  const fail = (issue: Issue): never => {
    throw new InvalidRequestError({ vendor, phase: "plan", issues: [issue] });
  };
  const configuredKey = () => givenKey || env(secrets.apiKey);
  const baseUrl = () => {
    const text = configuredBaseUrl(options, adapter);
    const broken = brokenBaseUrlRule(text); // an option was checked when the client was made
    return broken === undefined ? trimmedBaseUrl(text) : fail(inEnv(baseUrlEnv(adapter), issue("baseUrl", broken)));
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
    apiKey() {
      const key = configuredKey() ?? fail(requiredIssue("apiKey", `set ${secrets.apiKey} or pass \`apiKey\``));
      // A header takes visible ASCII only; anything else would fail later and less clearly.
      if (/^[\x21-\x7e]+$/.test(key)) return key;
      const found = issue("apiKey", KEY_RULE);
      return fail(givenKey ? found : inEnv(secrets.apiKey, found));
    },
    baseUrl,
    account: () => options.account ?? `${vendor} ${new URL(baseUrl()).origin}`,
    // At the first use: Workers give no random values while a module loads, where clients are made.
    get owner() {
      return (owner ??= crypto.randomUUID());
    },
    warned: new Set(),
    inFlight: new Map(),
  };
}
