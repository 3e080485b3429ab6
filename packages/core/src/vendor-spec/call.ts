// The calls of an adapter, and the credentials that they carry.
import type { JsonObject } from "../task/task.ts";

/** One HTTP call, as an adapter describes it. Core adds the credentials, `accept` and `content-type`. */
export type HttpCall = {
  /** @default POST with `json` or `form`, else GET. A submit is always a POST with `json`. */
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /**
   * Appended to the base URL of its origin; `url` writes one with every value encoded. It must start with `/`, else it is a
   * TypeError: credentials are never sent to a URL that came from a body.
   */
  path: string;
  /** A name in `origins`. @default the base URL */
  at?: string;
  /** Visible ASCII. A header that core or `auth` sets is a TypeError. Put no secret here: use `auth` for that. */
  headers?: { readonly [name: string]: string };
  json?: JsonObject;
  form?: FormData;
};

/** Which call an answer belongs to. `next` is the second call of a status. */
export type Asked = "submit" | "status" | "next" | "find" | "cancel" | "upload" | "balance";

/** The headers that carry credentials, by name. Core hides every value, and each word of 8 or more characters in it, everywhere. */
export type AuthHeaders = { readonly [name: string]: string };

/** The environment variable of each secret, by the name of its client option: `{ apiKey: "APIXO_API_KEY" }`. */
export type SecretNames = { readonly [option: string]: string };
/** The secrets that were given. */
export type SecretsOf<S extends SecretNames> = { readonly [K in keyof S]?: string };

/** Headers that core sets itself, or that would change how a request is sent. */
export const OWN_HEADERS =
  /^(accept(-encoding)?|authorization|cache-control|connection|content-(length|type)|cookie|expect|host|proxy-authorization|te|transfer-encoding|upgrade|user-agent)$/i;

type Callers = { readonly vendor: string; readonly origins?: { readonly [name: string]: string } };

/** A mistake in a vendor's description, which no retry can fix. */
export class WrongSpecError extends TypeError {
  constructor(vendor: string, member: string, rule: string, cause?: unknown) {
    super(`the description of ${vendor}: \`${member}\` must be ${rule}`, cause === undefined ? {} : { cause });
  }
}

/** Checks and returns the call. @throws TypeError that names the member of the description and what is wrong with its call */
export function checkedCall({ vendor, origins = {} }: Callers, asked: Asked, call: HttpCall): HttpCall {
  const must = (holds: boolean, member: string, rule: string) => {
    if (holds) return;
    const from = asked === "next" ? "status.read(…).call" : `${asked}.call(…)`;
    throw new WrongSpecError(vendor, member === "" ? from : `${from}.${member}`, rule);
  };
  must(typeof call === "object" && call !== null, "", "a call with a `path`");
  const { path, method, at, headers, json, form } = call;
  must(typeof path === "string" && path.startsWith("/"), "path", "a path that starts with `/`");
  must(
    /^[^\s#\\\p{C}]+$/u.test(path),
    "path",
    "a path without blanks, `#` and `\\`: `url` encodes what is put into it",
  );
  must(!isUpward(path), "path", "a path without `.` or `..` parts, which lead out of it");
  must(method === undefined || /^(GET|POST|PUT|DELETE)$/.test(method), "method", "GET, POST, PUT or DELETE, or absent");
  must(at === undefined || Object.hasOwn(origins, at), "at", "a name of `origins`");
  must(json === undefined || (typeof json === "object" && json !== null), "json", "an object, or absent");
  must(form === undefined || form instanceof FormData, "form", "a FormData, or absent");
  must(!json || !form, "form", "absent if there is `json`");
  must(method !== "GET" || asked === "submit" || (!json && !form), "method", "other than GET with a body");
  for (const [name, value] of headers ? Object.entries(headers) : []) {
    must(!OWN_HEADERS.test(name), `headers.${name}`, "left out: core sets it, or `auth` does");
    must(isHeader(name, value), `headers.${name}`, "visible ASCII");
  }
  return call;
}

/** As URLs read it: `%2e` is a dot. */
const isUpward = (path: string): boolean => /^[^?]*\/(\.|%2e){1,2}(?=[/?]|$)/i.test(path);

/** Returns what a function of the description returns. @throws TypeError that names the function, if it throws */
export function given<T>({ vendor }: Pick<Callers, "vendor">, member: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof WrongSpecError) throw error;
    throw new WrongSpecError(vendor, `${member}(…)`, `a function that does not throw: ${String(error)}`, error);
  }
}

/** Whether a header can be sent unchanged. */
export const isHeader = (name: string, value: unknown): boolean =>
  /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && typeof value === "string" && /^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(value);
