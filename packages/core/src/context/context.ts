// What the paths of one client share: its options, journal, limits and clock.
import { checkedJournal } from "../journal/checked-journal.ts";
import type { Journal } from "../journal/journal.ts";
import { LONGEST_TASK } from "../journal/states.ts";
import { createLimiter, type Limiter, type Limits } from "../limits/limiter.ts";
import { redactor, secretsHider, type HideSecrets, type Redact } from "../redact.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { issue, type Issue } from "../task/issue.ts";
import type { InFlight } from "../time/abort.ts";
import { createAlarm, type Alarm } from "../time/alarm.ts";
import type { Clock } from "../time/clock.ts";
import type { HttpCall } from "../vendor-spec/call.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { brokenBaseUrlRule, trimmedBaseUrl } from "./base-url.ts";
import { createCredentials, type Credentials } from "./credentials.ts";
import { createDurations, type Durations } from "./durations.ts";
import { createEndNotifier, type EndNotifier } from "./end-notifier.ts";
import { baseUrlEnv, configuredBaseUrl, inEnv, isBaseUrlSet } from "./environment.ts";
import { secretsOf, type CallbackOptions, type ClientOptions, type CommonOptions, type Secret } from "./options.ts";
import { limitsOf, shareLimits, type SharedLimits } from "./shared-limits.ts";

/** What the functions behind a client share: its adapter, its settings, and the few things they keep. */
export type ClientContext = {
  readonly adapter: Adapter;
  /** Without those that are secret: a context is an object that can be printed. */
  readonly options: Omit<CommonOptions, "callback">;
  readonly clock: Clock;
  /** The one given, else one in memory; inside a router, the router's. */
  journal: Journal;
  /** The numbers that are kept, and where they are shared. */
  readonly limits: Limits;
  readonly limiter: Limiter;
  /** The limits and the budget that other processes keep too. */
  readonly shared: SharedLimits;
  readonly ends: EndNotifier;
  /** Wakes the waits. */
  readonly alarm: Alarm;
  /** How long tasks took that this client saw end. */
  readonly durations: Durations;
  readonly redact: Redact;
  /** As `redact`, for what is stored. */
  readonly hideSecrets: HideSecrets;
  /** What `redact` hides: everything secret that the client holds now. */
  secrets(): readonly string[];
  readonly onEvent: OnEvent | undefined;
  /** The option of that name: always the same object, as it was when the client was made. */
  callback(): CallbackOptions | undefined;
  readonly credentials: Credentials;
  /** The base URL without a trailing slash. @throws InvalidRequestError at `baseUrl`. */
  baseUrl(): string;
  /** The URL of a call. @throws InvalidRequestError at `baseUrl`. */
  urlOf(call: Pick<HttpCall, "path" | "at">): string;
  /** Whether a URL is at one of the vendor's own origins, where its credentials may go. */
  isOwn(url: URL): boolean;
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

type Parts = Pick<ClientContext, "adapter" | "clock" | "journal" | "closing"> & { readonly options: ClientOptions };

export function createContext(parts: Parts): ClientContext {
  const { adapter } = parts;
  const { callback, ...given } = parts.options;
  const { vendor, secrets, origins = {} } = adapter;
  const isSecret = ([option]: [string, unknown]) => Object.hasOwn(secrets, option);
  const options: Omit<CommonOptions, "callback"> = Object.fromEntries(
    Object.entries(given).filter((entry) => !isSecret(entry)),
  );
  const credentials = createCredentials(
    adapter,
    Object.fromEntries(Object.entries(given).filter(isSecret)) as { [option: string]: Secret | undefined },
    () => parts.clock.now(),
  );
  const fail = (issue: Issue): never => {
    throw new InvalidRequestError({ vendor, phase: "plan", issues: [issue] });
  };
  /** Every call asks for it; it is parsed when it has changed, as a variable of the environment may. */
  let base: { text: string; url: string; origin: string } | undefined;
  const baseNow = () => {
    const text = configuredBaseUrl(options, adapter);
    if (base?.text === text) return base;
    const broken = brokenBaseUrlRule(text); // an option was checked when the client was made
    if (broken !== undefined) return fail(inEnv(baseUrlEnv(adapter), issue("baseUrl", broken)));
    const url = trimmedBaseUrl(text);
    return (base = { text, url, origin: new URL(url).origin });
  };
  const baseUrl = () => baseNow().url;
  const held = () => [...credentials.known(), ...(callback ? secretsOf(callback) : [])];
  const urlOf: ClientContext["urlOf"] = ({ path, at }) => {
    const own = at === undefined ? undefined : origins[at];
    // A base URL that is set stands for all of the vendor's origins.
    return (own === undefined || isBaseUrlSet(options, adapter) ? baseUrl() : trimmedBaseUrl(own)) + path;
  };
  const account = () => options.account ?? `${vendor} ${baseNow().origin}`;
  const redact = redactor(held);
  const limits = limitsOf(options.limits, adapter.limits);
  let owner: string | undefined;
  return {
    ...parts,
    options,
    journal: checkedJournal(parts.journal),
    callback: () => callback,
    limits,
    limiter: createLimiter(parts.clock, limits),
    shared: shareLimits({
      clock: parts.clock,
      limits,
      maxTaskMs: adapter.maxTaskMs ?? LONGEST_TASK,
      budget: options.budget,
      account,
      redact,
      onEvent: options.onEvent,
    }),
    ends: createEndNotifier(),
    alarm: createAlarm(parts.clock),
    durations: createDurations(),
    onEvent: options.onEvent,
    redact,
    hideSecrets: secretsHider(held),
    secrets: held,
    credentials,
    baseUrl,
    urlOf,
    isOwn: ({ origin }) =>
      [undefined, ...Object.keys(origins)].some(
        (at) => new URL(urlOf(at === undefined ? { path: "/" } : { path: "/", at })).origin === origin,
      ),
    account,
    // At the first use: Workers give no random values while a module loads, where clients are made.
    get owner() {
      return (owner ??= crypto.randomUUID());
    },
    warned: new Set(),
    inFlight: new Map(),
  };
}
