// What a client is from the moment it is made: its vendor and its options. What its calls need beyond that, the first of them
// makes (context.ts).
import type { Journal } from "../journal/journal.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { issue } from "../task/issue.ts";
import type { HttpCall } from "../vendor-spec/call.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { brokenBaseUrlRule, trimmedBaseUrl } from "./base-url.ts";
import { baseUrlEnv, configuredBaseUrl, env, inEnv, isBaseUrlSet } from "./environment.ts";
import { secretsOf, type CallbackOptions, type ClientOptions, type CommonOptions, type Secret } from "./options.ts";

/** What the first call of a client has made (context.ts), as far as it matters here. */
type Made = {
  readonly credentials: { made(): readonly string[] };
  settled(timeout: number | undefined): Promise<void>;
};

export type ClientSettings = {
  readonly adapter: Adapter;
  /** Without those that are secret: settings are an object that can be printed. */
  readonly options: Omit<CommonOptions, "callback">;
  readonly onEvent: OnEvent | undefined;
  /** The option of that name: always the same object, as it was when the client was made. */
  callback(): CallbackOptions | undefined;
  /** What the options say of a secret. */
  givenSecret(option: string): Secret | undefined;
  /** Everything secret that the client holds now. */
  secrets(): readonly string[];
  /** The base URL without a trailing slash. @throws InvalidRequestError at `baseUrl`. */
  baseUrl(): string;
  /** The origin of the base URL. @throws InvalidRequestError at `baseUrl`. */
  origin(): string;
  /** The URL of a call. @throws InvalidRequestError at `baseUrl`. */
  urlOf(call: Pick<HttpCall, "path" | "at">): string;
  /** Aborts when the client drains: no POST starts any more. */
  readonly closing: AbortSignal;
  /** The journal it was given, or that of its router; and what its first call has made. */
  readonly later: { journal?: Journal | undefined; context?: Made };
};

/** @param given checked */
export function createSettings(adapter: Adapter, given: ClientOptions, closing: AbortSignal): ClientSettings {
  const { callback, ...others } = given;
  const { vendor, secrets, origins = {} } = adapter;
  const options: Omit<CommonOptions, "callback"> = Object.fromEntries(
    Object.entries(others).filter(([option]) => !Object.hasOwn(secrets, option)),
  );
  const givenSecret = (option: string) => (given as { readonly [option: string]: Secret | undefined })[option];
  const later: ClientSettings["later"] = { journal: given.journal };
  /** Every call asks for it; it is parsed when it has changed, as a variable of the environment may. */
  let base: { text: string; url: string; origin: string } | undefined;
  const baseNow = () => {
    const text = configuredBaseUrl(options, adapter);
    if (base?.text === text) return base;
    const broken = brokenBaseUrlRule(text); // an option was checked when the client was made
    if (broken !== undefined) {
      const issues = [inEnv(baseUrlEnv(adapter), issue("baseUrl", broken))];
      throw new InvalidRequestError({ vendor, phase: "plan", issues });
    }
    const url = trimmedBaseUrl(text);
    return (base = { text, url, origin: new URL(url).origin });
  };
  return {
    adapter,
    options,
    onEvent: options.onEvent,
    callback: () => callback,
    givenSecret,
    secrets: () => [
      ...Object.keys(secrets).flatMap((option) => configuredSecret({ adapter, givenSecret }, option) ?? []),
      ...(later.context?.credentials.made() ?? []),
      ...(callback ? secretsOf(callback) : []),
    ],
    baseUrl: () => baseNow().url,
    origin: () => baseNow().origin,
    urlOf({ path, at }) {
      const own = at === undefined ? undefined : origins[at];
      // A base URL that is set stands for all of the vendor's origins.
      return (own === undefined || isBaseUrlSet(options, adapter) ? baseNow().url : trimmedBaseUrl(own)) + path;
    },
    closing,
    later,
  };
}

/** A secret of the options or the environment; nothing where a function of the program's makes it. */
export function configuredSecret(
  { adapter, givenSecret }: Pick<ClientSettings, "adapter" | "givenSecret">,
  option: string,
): string | undefined {
  const own = givenSecret(option);
  return typeof own === "function" ? undefined : own || env(adapter.secrets[option] ?? "");
}
