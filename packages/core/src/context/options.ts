// The options of a client.
import type { Journal } from "../journal/journal.ts";
import type { Budget } from "../limits/budget.ts";
import type { Limits } from "../limits/limiter.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { Clock } from "../time/clock.ts";
import type { SecretNames } from "../vendor-spec/call.ts";

/**
 * A secret, or a function that returns a secret that changes (an OAuth token, one from a vault). The function is called before
 * each call to the vendor, within that call's time.
 */
export type Secret = string | (() => string | Promise<string>);

/** The secret of most vendors. */
export type ApiKey = {
  /** @default the vendor's environment variable (`APIXO_API_KEY`, …). A missing key is an error at the first call. */
  readonly apiKey: string;
};

/**
 * Options of a client. Times are in milliseconds. All are checked when the client is made; `null` means the same as leaving an
 * option out. `S` are the names of the vendor's secrets, each an option.
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
   * or follow redirects, because the paid request goes through it too. It is called with a URL as a string and an init with
   * `method`, `headers` as a plain object, `body` as a string or bytes, `redirect`, `signal` and `cache`.
   * @default the runtime's; on Node the paid request uses `node:http`, unless your program has replaced `fetch` or its dispatcher
   */
  fetch?: typeof fetch | undefined;
  /** The clock that the client reads and sleeps by. @default real time; the emulator has one that you can move */
  clock?: Clock | undefined;
  /** Limit of one exchange, in milliseconds of real time, 1 or more. @default 30 s for reads, 120 s for a paid request that has started */
  requestTimeout?: number | undefined;
  /**
   * Requests per minute and tasks at once, over all calls of this client, 1 or more; `Infinity` means no limit.
   * @default the limits that the vendor documents
   */
  limits?: Limits | undefined;
  /**
   * A cap on what this client's account spends in a period. A submit reserves its planned price before anything is sent. It is
   * refused above the cap, and if its price is not known; a reservation that was not paid is given back.
   * @default no cap
   */
  budget?: BudgetOptions | undefined;
  /**
   * Returns your own price of a request in US dollars, for `maxPrice`, `budget`, `compare` and the journal; or `undefined`, to
   * use the price from the vendor's pages.
   * @default the prices of the vendor's pages
   */
  prices?: ((request: { model: string; readonly [word: string]: unknown }) => number | undefined) | undefined;
  /** Where submits are remembered. @default in memory, so that keys protect this process only */
  journal?: Journal | undefined;
  /** Names the account in the journal; keep it when you change the API key. @default vendor and origin of `baseUrl` */
  account?: string | undefined;
  /** Where the vendor calls when a task ends; `createReceiver` answers there. Every submit sends a URL signed for its key. */
  callback?: CallbackOptions | undefined;
  /** Uploads a file to where the vendor can fetch it, and returns its URL. Without it, media must be URLs, unless the vendor takes files. */
  upload?: ((file: Blob, options: { signal?: AbortSignal }) => Promise<string | URL>) | undefined;
  /**
   * A client refuses to start in a browser (a page, a web worker, or a DOM in tests such as jsdom or happy-dom), because everyone
   * who opens the page can read the API key. `true` allows it: for a key that may be public, or for an emulator.
   * @default false
   */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Called with everything the client does. It cannot change anything, and nothing waits for it. */
  onEvent?: ((event: VidtaskEvent) => void) | undefined;
  /** Limit of a wait, in milliseconds; 0 asks once. A task that takes longer runs on, and you can wait for it again. @default 20 minutes */
  waitTimeout?: number | undefined;
  /** When waits ask. @default the model's documented times */
  poll?: PollOptions | undefined;
};

/**
 * Where the vendor calls when a task ends, and the secret that signs the URL of each submit. `createReceiver` answers
 * there. Every submit appends one path segment to `url`; a query in it stays.
 */
export type CallbackOptions = {
  /** https; http only on loopback, when `baseUrl` is on loopback too. */
  url: string;
  /** At least 32 random bytes. In a list, the first secret signs and all are accepted: put a new one first, and remove the old one two days later. */
  secret: string | readonly string[];
};

/** How much may be spent, in which time. */
export type BudgetOptions = {
  /** US dollars. */
  usd: number;
  /** `"day"` or `"month"` in UTC, or a name of your own for a batch, a customer or a week. @default "day" */
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
   * Only in the `poll` of a client: whether its waits learn when to ask for tasks of the same model and length, from the ends
   * that they see and those of the last day in the journal. @default true
   */
  learn?: boolean | undefined;
};

/** The first signs. */
export const secretsOf = ({ secret }: Pick<CallbackOptions, "secret">): readonly string[] =>
  typeof secret === "string" ? [secret] : (secret ?? []); // an environment variable that is missing
