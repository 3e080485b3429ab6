// What the calls of one client share beyond its settings: journal, limits, clock, ends. The first call makes it.
import { checkedJournal } from "../journal/checked-journal.ts";
import type { Journal } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { LONGEST_TASK } from "../journal/states.ts";
import { createLimiter, type Limiter, type Limits } from "../limits/limiter.ts";
import { redactor, secretsHider, type HideSecrets, type Redact } from "../redact.ts";
import type { InFlight } from "../time/abort.ts";
import { createAlarm, type Alarm } from "../time/alarm.ts";
import { systemClock, type Clock } from "../time/clock.ts";
import { steadyClock } from "../time/steady-clock.ts";
import { createCredentials, type Credentials } from "./credentials.ts";
import { createDurations, type Durations } from "./durations.ts";
import { createEndNotifier, type EndNotifier } from "./end-notifier.ts";
import { whenSettled } from "./in-flight.ts";
import type { ClientSettings } from "./settings.ts";
import { limitsOf, shareLimits, type SharedLimits } from "./shared-limits.ts";

/** What the functions behind a client share: its settings, and the few things they keep. */
export type ClientContext = ClientSettings & {
  readonly clock: Clock;
  /** The one given, else one in memory; inside a router, the router's. */
  readonly journal: Journal;
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
  /** Hides what `secrets` says. */
  readonly redact: Redact;
  /** As `redact`, for what is stored. */
  readonly hideSecrets: HideSecrets;
  readonly credentials: Credentials;
  /** Whether a URL is at one of the vendor's own origins, where its credentials may go. */
  isOwn(url: URL): boolean;
  account(): string;
  /** Names this client in the journal rows it works on. */
  readonly owner: string;
  /** Warnings that are given once per client. */
  readonly warned: Set<string>;
  /** Everything that a paid POST left running: exchanges and journal writes. */
  readonly inFlight: InFlight;
  /** Resolves when nothing is in flight. @throws AbortedError after so many ms */
  settled(timeout: number | undefined): Promise<void>;
};

/** The one context of a client, made when it is first asked for. */
export const contextOf = (settings: ClientSettings): ClientContext =>
  (settings.later.context ??= createContext(settings)) as ClientContext;

function createContext(settings: ClientSettings): ClientContext {
  const { adapter, options, secrets, urlOf, later } = settings;
  const clock = steadyClock(options.clock ?? systemClock);
  const credentials = createCredentials(settings, () => clock.now());
  const account = () => options.account ?? `${adapter.vendor} ${settings.origin()}`;
  const redact = redactor(secrets);
  const limits = limitsOf(options.limits, adapter.limits);
  const inFlight: InFlight = new Map();
  let ownJournal: Journal | undefined;
  let owner: string | undefined;
  return {
    ...settings,
    clock,
    // A router may share its own at any time.
    get journal() {
      return checkedJournal(later.journal ?? (ownJournal ??= memoryJournal()));
    },
    limits,
    limiter: createLimiter(clock, limits),
    shared: shareLimits({
      clock,
      limits,
      maxTaskMs: adapter.maxTaskMs ?? LONGEST_TASK,
      budget: options.budget,
      account,
      redact,
      onEvent: options.onEvent,
    }),
    ends: createEndNotifier(),
    alarm: createAlarm(clock),
    durations: createDurations(),
    redact,
    hideSecrets: secretsHider(secrets),
    credentials,
    isOwn: ({ origin }) =>
      [undefined, ...Object.keys(adapter.origins ?? {})].some(
        (at) => new URL(urlOf(at === undefined ? { path: "/" } : { path: "/", at })).origin === origin,
      ),
    account,
    // At the first use: Workers give no random values while a module loads, where clients are made.
    get owner() {
      return (owner ??= crypto.randomUUID());
    },
    warned: new Set(),
    inFlight,
    settled: (timeout) => whenSettled(adapter.vendor, inFlight, timeout),
  };
}
