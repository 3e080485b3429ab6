// The options of a client.
import type { Journal } from "../journal/journal.ts";
import type { Budget } from "../limits/budget.ts";
import type { Limits } from "../limits/limiter.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { Clock } from "../time/clock.ts";
import type { SecretNames } from "../vendor-spec/call.ts";

/**
 * A secret, or a function that fetches one that changes (an OAuth token, a vault's): it is asked before each call, within the
 * call's time.
 */
export type Secret = string | (() => string | Promise<string>);

/** The secret of most vendors. */
export type ApiKey = {
  /** @default the vendor's environment variable (`APIXO_API_KEY`, …). A missing key is an error at the first call. */
  readonly apiKey: string;
};

/**
 * Options of a client. Times in milliseconds. All are checked when the client is made; `null` is absent. `S` are the names
 * of the vendor's secrets, each an option.
 */
export type ClientOptions<S extends SecretNames = ApiKey> = CommonOptions & {
  readonly [K in keyof S]?: Secret | undefined;
};

/** The options that the clients of all vendors have. */
export type CommonOptions = {
  /** @default the upper-case vendor and `_BASE_URL` (`APIXO_BASE_URL`, …), else the documented one */
  baseUrl?: string | undefined;
  /**
   * Your own `fetch`: the runtime's, `undici.fetch`, node-fetch, or any function of a URL and an init. It must not retry
   * and not follow redirects: the paid request goes through it, too. Every call gives it a URL as a string, and of an init
   * `method`, `headers` as a plain object, `body` as a string or bytes, `redirect`, `signal` and `cache`.
   * @default the runtime's; the paid request leaves by `node:http` on Node, where nothing of your program's is in the way
   */
  fetch?: typeof fetch | undefined;
  /** @default real time. The emulator gives one that can be moved. */
  clock?: Clock | undefined;
  /** Limit of one exchange, in real time, 1 or more. @default 30 s for reads, 120 s for a paid request that has started */
  requestTimeout?: number | undefined;
  /**
   * Requests a minute and tasks at a time, over all calls of this client, 1 or more; `Infinity` is no limit.
   * @default the numbers the vendor documents
   */
  limits?: Limits | undefined;
  /**
   * A cap on what this client's account spends in a period. A submit reserves its planned price before anything is sent,
   * and is refused above the cap, or where the vendor prints no price; what was not paid is given back.
   * @default no cap
   */
  budget?: BudgetOptions | undefined;
  /**
   * Your own price of a request in US dollars, before the vendor's: for `maxPrice`, `budget`, `compare` and the journal. Nothing
   * for a request whose price the vendor's pages say.
   * @default the prices of the vendor's pages
   */
  prices?: ((request: { model: string; readonly [word: string]: unknown }) => number | undefined) | undefined;
  /** Where submits are remembered. @default in memory: keys protect this process only */
  journal?: Journal | undefined;
  /** Names the account in the journal, the same before and after a change of key. @default vendor and origin of `baseUrl` */
  account?: string | undefined;
  /** Where the vendor calls when a task ends; `createReceiver` answers there. Every submit sends a URL signed for its key. */
  callback?: CallbackOptions | undefined;
  /** Puts a file where the vendor can fetch it. Without it only URLs can be given as media. */
  upload?: ((file: Blob, options: { signal?: AbortSignal }) => Promise<string | URL>) | undefined;
  /**
   * A client refuses to start in a browser (a page or a web worker, and a DOM in tests: jsdom, happy-dom), because everyone
   * who opens the page can read the API key. `true` starts it all the same: for a key that may be public, or an emulator.
   * @default false
   */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Sees everything the client does; it cannot change anything, and nothing waits for it. */
  onEvent?: ((event: VidtaskEvent) => void) | undefined;
  /** Limit of a wait; 0 asks once. A task that takes longer runs on, and can be waited for again. @default 20 minutes */
  waitTimeout?: number | undefined;
  /** When waits ask. @default the model's documented times */
  poll?: PollOptions | undefined;
};

/**
 * Where the vendor calls when a task ends, and what the URL of each submit is signed with. `createReceiver` answers
 * there. Every submit appends one path segment to `url`; a query of its own stays.
 */
export type CallbackOptions = {
  /** https; http only on loopback, when `baseUrl` is on loopback too. */
  url: string;
  /** At least 32 bytes at random. Of several the first signs and all are accepted: put a new one in front, drop the old one two days later. */
  secret: string | readonly string[];
};

/** How much may be spent, in which time. */
export type BudgetOptions = {
  /** US dollars. */
  usd: number;
  /** `"day"` or `"month"`, of UTC, or a name of your own: of a batch, a customer, a week. @default "day" */
  period?: "day" | "month" | (string & {}) | undefined;
  /** Where it is counted, for several processes. @default in this client, for as long as it lives */
  shared?: Budget | undefined;
};

/** When to ask, in ms: `first` after the submit, then every `interval`. */
export type PollOptions = {
  /** From the submit to the first question, in milliseconds; 0 asks at once. */
  first?: number | undefined;
  /** From one question to the next, in milliseconds, 1 or more. */
  interval?: number | undefined;
  /**
   * Of a client's `poll`: whether its waits learn from the ends they see, and from those of the last day in its journal, when to
   * ask for the next task of the same model and length. @default true
   */
  learn?: boolean | undefined;
};

/** The first signs. */
export const secretsOf = ({ secret }: Pick<CallbackOptions, "secret">): readonly string[] =>
  typeof secret === "string" ? [secret] : (secret ?? []); // an environment variable that is missing
