// What an adapter asks with: its calls, and the credentials that they carry.
import type { JsonObject } from "../task/task.ts";

/** One HTTP call as an adapter describes it. Core adds the credentials, `accept` and `content-type`. */
export type HttpCall = {
  /** @default POST with `json` or `form`, else GET. A submit is a POST with `json`, whatever stands here. */
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /**
   * Appended to the base URL of its origin; `url` writes one with every value encoded. It starts with `/`, or it is a
   * TypeError: no URL that a body named is ever called with credentials.
   */
  path: string;
  /** A name of `origins`. @default the base URL */
  at?: string;
  /** Visible ASCII. One that core or `auth` sets is a TypeError. No secret: that is what `auth` is for. */
  headers?: { readonly [name: string]: string };
  json?: JsonObject;
  form?: FormData;
};

/** What was asked when an answer came. `next` is the second step of a status. */
export type Asked = "submit" | "status" | "next" | "find" | "cancel" | "upload" | "balance";

/** The headers that carry credentials, by name. They are shown nowhere: core hides every value, and each word of 8 characters or more in it. */
export type AuthHeaders = { readonly [name: string]: string };

/** The environment variable of each secret, by the client option that holds it: `{ apiKey: "APIXO_API_KEY" }`. */
export type SecretNames = { readonly [option: string]: string };
/** The secrets that are given. */
export type SecretsOf<S extends SecretNames> = { readonly [K in keyof S]?: string };

/** What core writes into a request itself, and what would change how it is sent. */
export const OWN_HEADERS =
  /^(accept(-encoding)?|authorization|cache-control|connection|content-(length|type)|cookie|expect|host|proxy-authorization|te|transfer-encoding|upgrade|user-agent)$/i;

type Callers = { readonly vendor: string; readonly origins?: { readonly [name: string]: string } };

/** A mistake in a vendor's description: nothing that asking again could mend. */
export class WrongSpecError extends TypeError {
  constructor(vendor: string, member: string, rule: string, cause?: unknown) {
    super(`the description of ${vendor}: \`${member}\` must be ${rule}`, cause === undefined ? {} : { cause });
  }
}

/** The call itself. @throws TypeError that names the member of the description and what is wrong with its call */
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
  must(!isUpward(path), "path", "a path without parts that are `.` or `..`, which lead out of it");
  must(method === undefined || /^(GET|POST|PUT|DELETE)$/.test(method), "method", "GET, POST, PUT or DELETE, or absent");
  must(at === undefined || Object.hasOwn(origins, at), "at", "a name of `origins`");
  must(json === undefined || (typeof json === "object" && json !== null), "json", "an object, or absent");
  must(form === undefined || form instanceof FormData, "form", "a FormData, or absent");
  must(!json || !form, "form", "absent where there is `json`");
  must(method !== "GET" || asked === "submit" || (!json && !form), "method", "another than GET where there is a body");
  for (const [name, value] of headers ? Object.entries(headers) : []) {
    must(!OWN_HEADERS.test(name), `headers.${name}`, "left out: core sets it, or `auth` does");
    must(isHeader(name, value), `headers.${name}`, "visible ASCII");
  }
  return call;
}

/** As URLs read it: `%2e` is a dot. */
const isUpward = (path: string): boolean => /^[^?]*\/(\.|%2e){1,2}(?=[/?]|$)/i.test(path);

/** What a description's function gives. @throws TypeError that names the function, when it throws */
export function given<T>({ vendor }: Pick<Callers, "vendor">, member: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof WrongSpecError) throw error;
    throw new WrongSpecError(vendor, `${member}(…)`, `a function that does not throw: ${String(error)}`, error);
  }
}

/** Whether a header can be sent as it is. */
export const isHeader = (name: string, value: unknown): boolean =>
  /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && typeof value === "string" && /^[\x21-\x7e]+( +[\x21-\x7e]+)*$/.test(value);
