// The options of a client, each with its rule: checked where the client is made.
import { aJournal } from "../journal/journal-options.ts";
import type { Limits } from "../limits/limiter.ts";
import { readOptions, type Rule, type Rules } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { issue, type Issue } from "../task/issue.ts";
import {
  aBoolean,
  aClock,
  aFunction,
  aName,
  aNumber,
  group,
  isFunction,
  isText,
  methods,
  milliseconds,
  required,
  secretRule,
} from "../task/option-rules.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { brokenBaseUrlRule, isLoopback } from "./base-url.ts";
import { BROWSER_RULE, isBrowser } from "./browser.ts";
import { configuredBaseUrl } from "./environment.ts";
import type { BudgetOptions, CallbackOptions, ClientOptions, CommonOptions, PollOptions } from "./options.ts";

const MIN_SECRET = 32;
const SECRET_RULE = `at least ${MIN_SECRET} bytes at random, or a list of such secrets`;
const CALLBACK_URL_RULE = "an https URL (http only on loopback, when `baseUrl` is on loopback too)";

/** Whether a vendor may be given this URL to call: one with this base URL, or any. */
const isCallbackUrl = (value: unknown, baseUrl?: string): boolean => {
  if (!isText(value) || !URL.canParse(value)) return false;
  const { protocol } = new URL(value);
  if (protocol === "https:") return true;
  return protocol === "http:" && isLoopback(value) && (baseUrl === undefined || isLoopback(baseUrl));
};

/** A URL for callbacks. No message shows it: its path or query may be what keeps strangers out. */
export const aCallbackUrl = (baseUrl?: string): Rule =>
  secretRule(CALLBACK_URL_RULE, (value) => isCallbackUrl(value, baseUrl));

const isLong = (secret: unknown): boolean => isText(secret) && new TextEncoder().encode(secret).length >= MIN_SECRET;
const isOneCharacter = (secret: unknown): boolean => isText(secret) && /^(.)\1*$/su.test(secret);

/** The secrets themselves are in no issue. */
const aSecret: Rule = (value, path, issues) => {
  const secrets: unknown[] = Array.isArray(value) ? [...(value as unknown[])] : [value];
  if (secrets.length === 0 || !secrets.every(isLong)) issues.push(issue(path, SECRET_RULE));
  else if (secrets.some(isOneCharacter)) issues.push(issue(path, `${SECRET_RULE}, and not one character repeated`));
  return secrets;
};

const callbackRules = (baseUrl: string): Rules<CallbackOptions> => ({
  url: required(CALLBACK_URL_RULE, aCallbackUrl(baseUrl)),
  secret: required(SECRET_RULE, aSecret),
});

const aLimit = aNumber("a number, 1 or more (Infinity: no limit)", (limit) => limit >= 1);
const LIMIT_RULES: Rules<Limits> = {
  requestsPerMinute: aLimit,
  concurrentTasks: aLimit,
  shared: methods("slots, as memorySlots() or a store of @vidtask/stores makes them", ["take", "hold", "free", "pass"]),
};

const USD_RULE = "US dollars, more than 0";
const BUDGET_RULES: Rules<BudgetOptions> = {
  usd: required(
    USD_RULE,
    aNumber(USD_RULE, (usd) => usd > 0 && Number.isFinite(usd)),
  ),
  period: aName,
  shared: methods("a budget, as memoryBudget() or a store of @vidtask/stores makes it", ["reserve", "release"]),
};

const POLL_RULES: Rules<PollOptions> = { first: milliseconds(0), interval: milliseconds(1), learn: aBoolean };

/** When to ask, of a client or of one wait. */
export const aPoll: Rule = group("`poll`", POLL_RULES);

// An empty key or base URL is one that is not set: `process.env.X ?? ""`.
const aBaseUrl: Rule = (value, path, issues) => {
  const broken = value === "" ? undefined : brokenBaseUrlRule(value);
  if (broken !== undefined) issues.push(issue(path, broken));
  return value;
};

const aSecretValue = secretRule(
  "a string, or a function that gives one",
  (value) => isText(value) || isFunction(value),
);

const clientRules = (baseUrl: string): Rules<CommonOptions> => ({
  baseUrl: aBaseUrl,
  fetch: aFunction,
  clock: aClock,
  requestTimeout: milliseconds(1),
  limits: group("`limits`", LIMIT_RULES),
  budget: group("`budget`", BUDGET_RULES),
  prices: aFunction,
  journal: aJournal,
  account: aName,
  callback: group("`callback`", callbackRules(baseUrl)),
  upload: aFunction,
  dangerouslyAllowBrowser: aBoolean,
  onEvent: aFunction,
  waitTimeout: milliseconds(0),
  poll: aPoll,
});

/** The options that the clients of all vendors have. */
export const OPTION_NAMES: readonly string[] = Object.keys(clientRules(""));

/** The options a client is made with. @throws InvalidRequestError with everything that is wrong with them */
export function checkClientOptions(given: ClientOptions | null | undefined, adapter: Adapter): ClientOptions {
  const { vendor } = adapter;
  const issues: Issue[] = [];
  const secrets = Object.fromEntries(Object.keys(adapter.secrets).map((option) => [option, aSecretValue]));
  // Which secrets there are only the run knows; the types know it of one vendor.
  const rules = { ...secrets, ...clientRules(baseUrlOf(given ?? {}, adapter)) } as Rules<ClientOptions>;
  const options = readOptions(given, rules, { of: `the ${vendor} client`, issues });
  if (options.callback && !adapter.callback)
    issues.push(issue("callback", `left out: the package of ${vendor} reads no callbacks`));
  if (isBrowser() && !options.dangerouslyAllowBrowser) issues.push(issue("dangerouslyAllowBrowser", BROWSER_RULE));
  if (issues.length > 0) throw new InvalidRequestError({ vendor, phase: "plan", issues });
  return options;
}

function baseUrlOf(given: ClientOptions, adapter: Adapter): string {
  try {
    return configuredBaseUrl(given, adapter);
  } catch {
    return adapter.baseUrl; // that it cannot be read is told with what else is wrong
  }
}
