// Whether a vendor's description can be used, before any client is made of it.
import { brokenBaseUrlRule } from "../context/base-url.ts";
import { checkedCall, WrongSpecError } from "../vendor-spec/call.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

type Members = { readonly [member: string]: unknown };

/** The functions of each part, and whether the part may be absent. */
const PARTS: { readonly [part: string]: readonly string[] } = {
  submit: ["call", "read"],
  status: ["call", "read"],
  callback: ["read"],
  balance: ["read"],
  cancel: ["call"],
  find: ["call", "read"],
  upload: ["call", "read"],
};
const REQUIRED: ReadonlySet<string> = new Set(["submit", "status"]);

/** The description itself. @throws TypeError that names the member that is wrong, and what it must be */
export function checkSpec(spec: Adapter): Adapter {
  const { vendor, secrets, auth, origins = {} } = spec;
  const must = (holds: boolean, member: string, rule: string) => {
    if (!holds) throw new WrongSpecError(String(vendor), member, rule);
  };
  must(/^[a-z][a-z0-9_-]*$/.test(vendor), "vendor", "a name of lower-case letters, digits, `_` and `-`");
  for (const [member, url] of Object.entries({ baseUrl: spec.baseUrl, ...prefixed("origins", origins) })) {
    const broken = brokenBaseUrlRule(url);
    must(broken === undefined, member, broken ?? "");
  }
  for (const [member, variable] of Object.entries(prefixed("secrets", secrets ?? {})))
    must(typeof variable === "string" && variable !== "", member, "the name of an environment variable");
  must(Object.keys(secrets ?? {}).length > 0, "secrets", "the environment variable of one secret at least");
  must(
    auth !== undefined || Object.hasOwn(secrets, "apiKey"),
    "secrets.apiKey",
    "the name of an environment variable, where there is no `auth` that makes credentials of other secrets",
  );
  for (const [part, functions] of Object.entries(PARTS)) {
    const members = (spec as unknown as Members)[part] as Members | undefined;
    const isObject = typeof members === "object" && members !== null;
    must(isObject || (members === undefined && !REQUIRED.has(part)), part, `an object of ${functions.join(" and ")}`);
    if (members)
      for (const name of functions) must(typeof members[name] === "function", `${part}.${name}`, "a function");
  }
  const { inline } = spec;
  must(inline === undefined || inline.maxBytes >= 1, "inline.maxBytes", "a number of bytes, 1 or more");
  const { idempotencyWindowMs: windowMs } = spec;
  must(windowMs === undefined || (windowMs > 0 && windowMs < Infinity), "idempotencyWindowMs", "milliseconds, above 0");
  must(typeof spec.refusal === "function", "refusal", "a function");
  if (spec.balance) checkedCall(spec, "balance", spec.balance.call);
  return spec;
}

const prefixed = (part: string, members: Members): Members =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [`${part}.${name}`, value]));
