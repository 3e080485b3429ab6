// Whether a vendor's description can be used, before any client is made of it.
import { brokenBaseUrlRule } from "../context/base-url.ts";
import { OPTION_NAMES } from "../context/client-options.ts";
import { nearest } from "../task/check-options.ts";
import { checkedCall, WrongSpecError } from "../vendor-spec/call.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { checkModels, isObject, type Must } from "./check-models.ts";

type Members = { readonly [member: string]: unknown };

const isFunction = (value: unknown): boolean => typeof value === "function";
const isNumber = (value: unknown): boolean => typeof value === "number" && value >= 1 && value < Infinity;

/** What a member has to be, by the sign after its name; `?` says that it may be absent, and no sign that it is looked at elsewhere. */
const KINDS: { readonly [sign: string]: readonly [holds: (value: unknown) => boolean, rule: string] } = {
  f: [isFunction, "a function"],
  t: [(value) => value === true, "`true`"],
  n: [isNumber, "a number, 1 or more"],
};
const SPEC =
  "vendor baseUrl origins models secrets refusal:f auth:f? variant:f? priceOf:f? idempotencyWindowMs:n? maxTaskMs:n? callbackWindowMs:n? resultUrlLifeMs:n? taskIdPattern";
const PARTS: { readonly [part: string]: string } = {
  submit: "call:f read:f unlisted:f?",
  status: "call:f read:f errors:t?",
  callback: "read:f challenge:f? verify:f? status:f?",
  balance: "call read:f",
  cancel: "call:f destroys:t?",
  find: "call:f read:f",
  upload: "call:f read:f form:f?",
  inline: "maxBytes:n",
  limits: "requestsPerMinute:n? concurrentTasks:n? shared",
};

/** The description itself. @throws TypeError that names the member that is wrong, and what it must be */
export function checkSpec(spec: Adapter): Adapter {
  if (!isObject(spec)) throw new TypeError("defineVendor: pass an object that describes a vendor");
  const { vendor, origins, taskIdPattern: pattern } = spec as Adapter;
  const must: Must = (holds, member, rule) => {
    if (!holds) throw new WrongSpecError(String(vendor), member, rule);
  };
  must(
    typeof vendor === "string" && /^[a-z][a-z0-9_-]*$/.test(vendor),
    "vendor",
    "a name of lower-case letters, digits, `_` and `-`",
  );
  must(origins === undefined || isObject(origins), "origins", "an object");
  for (const [member, url] of Object.entries({ baseUrl: spec.baseUrl, ...prefixed("origins", origins) })) {
    const broken = brokenBaseUrlRule(url);
    must(broken === undefined, member, broken ?? "");
  }
  checkSecrets(spec, must);
  checkMembers(spec, `${SPEC} ${Object.keys(PARTS).join(" ")}`, "", must);
  for (const [part, members] of Object.entries(PARTS)) {
    const value = (spec as unknown as Members)[part];
    if (value === undefined && part !== "submit" && part !== "status") continue;
    must(isObject(value), part, `an object of ${members.replaceAll(/:\w\??/g, "").replaceAll(" ", ", ")}`);
    checkMembers(value as Members, members, `${part}.`, must);
  }
  // With these flags it would remember the id before.
  const isPattern = pattern === undefined || (pattern instanceof RegExp && !/[gy]/.test(pattern.flags));
  must(isPattern, "taskIdPattern", "a regular expression without the flags g and y");
  checkModels(spec.models, must);
  if (spec.balance) checkedCall(spec, "balance", spec.balance.call);
  return spec;
}

function checkSecrets({ secrets, auth }: Adapter, must: Must): void {
  const entries = Object.entries(isObject(secrets) ? secrets : {});
  must(entries.length > 0, "secrets", "the environment variable of one secret at least");
  for (const [option, variable] of entries) {
    const member = `secrets.${option}`;
    must(!OPTION_NAMES.includes(option), member, "called otherwise: every client has an option of that name");
    must(/^[A-Za-z_]\w*$/.test(String(variable)), member, "the name of an environment variable");
    const same = entries.find(([, other]) => other === variable)?.[0];
    must(same === option, member, `another environment variable than that of \`secrets.${same}\``);
  }
  must(
    auth !== undefined || Object.hasOwn(secrets, "apiKey"),
    "secrets.apiKey",
    "the name of an environment variable, where there is no `auth` that makes credentials of other secrets",
  );
}

function checkMembers(given: object, shape: string, path: string, must: Must): void {
  const members = shape.split(" ").map((member) => member.split(":") as [name: string, kind?: string]);
  const known = members.map(([name]) => name);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const meant = nearest(name, known);
    const question = meant === undefined ? "" : `: did you mean \`${path}${meant}\`?`;
    must(false, path + name, `absent: it is no member of a description${question}`);
  }
  for (const [name, kind = ""] of members) {
    const [holds, rule] = KINDS[kind.charAt(0)] ?? [];
    const value = (given as Members)[name];
    const isOptional = kind.endsWith("?");
    if (holds && !(isOptional && value === undefined))
      must(holds(value), path + name, isOptional ? `${rule}, or absent` : (rule ?? ""));
  }
}

const prefixed = (part: string, members: object = {}): Members =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [`${part}.${name}`, value]));
