// The credentials of a client's calls, made anew for each from the secrets it was given.
import { InvalidRequestError } from "../task/errors.ts";
import { issue, requiredIssue, type Issue } from "../task/issue.ts";
import { isHeader, OWN_HEADERS, WrongSpecError, type AuthHeaders, type HttpCall } from "../vendor-spec/call.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { inEnv } from "./environment.ts";
import { configuredSecret, type ClientSettings } from "./settings.ts";

/** The headers of a call, and the secrets they were made of. */
export type Made = { headers: AuthHeaders; secrets: { readonly [option: string]: string } };

export type Credentials = {
  /** They are there: no function of the program's has to make them. */
  readonly areFixed: boolean;
  /** Those of the call before, where they are fixed and still the same: nothing has to be waited for. */
  known(): Made | undefined;
  /** The secrets that are given. @throws what the function of one throws */
  secrets(): Promise<{ readonly [option: string]: string }>;
  /** As `headers`, with the secrets behind them. */
  make(): Promise<Made>;
  /**
   * The headers of a call that leaves now. @throws InvalidRequestError when secrets are missing or cannot be sent, and what
   * `auth` or the function of a secret throws
   */
  headers(): Promise<AuthHeaders>;
  /**
   * Told the status of every answer to a read; true when it is to be asked again, once, with credentials made anew. Reads that
   * were on their way when a secret changed are each asked again: only what was asked again and refused ends that.
   */
  areDoubted(status: number, wasAskedAgain?: boolean): boolean;
  /** Everything that was made lately, which no text may show. */
  made(): readonly string[];
};

/** So many sets of headers, and of what functions gave, are remembered to be hidden: a late answer may echo an old one. */
const SETS_KEPT = 8;
/** A shorter word of a header stands in other texts, too. */
const WORD = 8;

const KEY_RULE = "visible ASCII characters, without blanks and line breaks: they go into a header";

type Secrets = { readonly [option: string]: string };

type Settings = Pick<ClientSettings, "adapter" | "givenSecret">;

export function createCredentials(settings: Settings, now: () => number): Credentials {
  const { adapter, givenSecret } = settings;
  const { vendor, secrets: variables, auth } = adapter;
  const options = Object.keys(variables);
  const changes = auth !== undefined || options.some((option) => typeof givenSecret(option) === "function");
  const made: string[][] = [];
  let wasRefused = false;
  const remember = (texts: string[]) => {
    made.push(texts);
    if (made.length > SETS_KEPT) made.shift();
  };
  const fail = (issue: Issue): never => {
    throw new InvalidRequestError({ vendor, phase: "plan", issues: [issue] });
  };

  async function secretOf(option: string): Promise<string | undefined> {
    const own = givenSecret(option);
    if (typeof own !== "function") return configuredSecret(settings, option);
    const value: unknown = await own();
    if (typeof value !== "string") throw new TypeError(`the function of the option ${option} must give a string`);
    remember([value]);
    return value || undefined;
  }

  // A header takes visible ASCII only; anything else would fail later and less clearly.
  function bearer({ apiKey }: Secrets): AuthHeaders | undefined {
    if (apiKey === undefined) return undefined;
    const found = issue("apiKey", KEY_RULE);
    if (!/^[\x21-\x7e]+$/.test(apiKey)) fail(givenSecret("apiKey") ? found : inEnv(variables["apiKey"] ?? "", found));
    return { authorization: `Bearer ${apiKey}` };
  }

  async function secretsNow(): Promise<Secrets> {
    const pairs = await Promise.all(options.map(async (option) => [option, await secretOf(option)] as const));
    return Object.fromEntries(pairs.filter((pair): pair is [string, string] => Boolean(pair[1])));
  }

  /** What was made last of secrets alone: of the same ones it is the same. */
  let last: Made | undefined;

  function isLast(now: (option: string) => string | undefined): boolean {
    for (const option of options) if (now(option) !== last?.secrets[option]) return false;
    return true;
  }

  const known = (): Made | undefined =>
    last && !changes && isLast((option) => configuredSecret(settings, option)) ? last : undefined;

  async function make(): Promise<Made> {
    const found = known();
    if (found) return found;
    const secrets = await secretsNow();
    if (last && isLast((option) => secrets[option])) return last;
    const headers =
      (auth ? await auth(secrets, now()) : bearer(secrets)) ?? fail(requiredIssue(options[0] ?? "", remedyOf(adapter)));
    remember(Object.values(headers).flatMap((value) => [String(value), ...wordsOf(String(value))]));
    for (const [name, value] of Object.entries(headers)) {
      if (isOwnHeader(name)) throw new WrongSpecError(vendor, `auth(…).${name}`, "left out: core sets it");
      // What a secret holds may be what cannot be sent.
      if (!isHeader(name, value))
        throw new TypeError(`\`auth\` of ${vendor} gives a header \`${name}\` that cannot be sent`);
    }
    const all = { headers, secrets };
    if (!auth) last = all;
    return all;
  }

  return {
    areFixed: !changes,
    known,
    secrets: secretsNow,
    make,
    headers: async () => (await make()).headers,
    areDoubted(status, wasAskedAgain = false) {
      const isDoubted = status === 401 && changes && !wasRefused && !wasAskedAgain;
      if (!isDoubted) wasRefused = status === 401;
      return isDoubted;
    },
    made: () => made.flat(),
  };
}

/** What to do about missing or wrong secrets. */
export function remedyOf({ secrets }: Pick<Adapter, "secrets">): string {
  const [variable, ...others] = Object.values(secrets);
  const options = Object.keys(secrets).map((option) => `\`${option}\``);
  if (others.length === 0) return `set ${variable} or pass ${options[0]}`;
  return `set what your account has of ${[variable, ...others].join(", ")}, or pass it as ${options.join(", ")}`;
}

const wordsOf = (value: string): string[] => value.split(/\s+/).filter((word) => word.length >= WORD);

/** Whether core alone sets a header; the credentials are what `auth` is for. */
const isOwnHeader = (name: string): boolean => OWN_HEADERS.test(name) && !/^(authorization|cookie)$/i.test(name);

/** The headers of a call together with its credentials. @throws TypeError where both set the same one */
export function withCredentials(vendor: string, { headers }: HttpCall, auth: AuthHeaders): Record<string, string> {
  if (!headers) return { ...auth };
  const taken = new Set(Object.keys(auth).map((name) => name.toLowerCase()));
  const twice = Object.keys(headers).find((name) => taken.has(name.toLowerCase()));
  if (twice !== undefined) throw new WrongSpecError(vendor, `headers.${twice}`, "left out of calls: `auth` sets it");
  return { ...headers, ...auth };
}
