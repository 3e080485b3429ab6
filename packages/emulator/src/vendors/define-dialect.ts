import { given } from "../names.ts";
import type { Answer, Refusals } from "./dialect-parts.ts";
import type { Dialect } from "./dialect.ts";
import { callsOf, matcher } from "./match.ts";
import { isObject, type Fields } from "./rules.ts";
import type { EmulatedVendor, Vendor } from "./vendor.ts";

const vendors = new WeakMap<object, Vendor>();

/** The vendor behind what `defineDialect` gave; nothing for anything else. */
export const vendorOf = (value: unknown): Vendor | undefined =>
  typeof value === "object" && value !== null ? vendors.get(value) : undefined;

const MEMBERS: readonly (keyof Dialect)[] = [
  "name",
  "path",
  "secrets",
  "auth",
  "caller",
  "states",
  "stateKey",
  "failCodes",
  "refunds",
  "refuse",
  "refusals",
  "submit",
  "idempotency",
  "status",
  "result",
  "list",
  "cancel",
  "routes",
  "callback",
  "finish",
  "fileHost",
  "printed",
  "requestsPerMinute",
  "maxBody",
  "resultUrlLifeMs",
  "settings",
  "fidelity",
];

/** The functions that each part needs. */
const PARTS = {
  submit: ["task", "accepted"],
  status: ["answer"],
  result: ["answer"],
  list: ["answer"],
  cancel: ["answer"],
  callback: ["urlOf", "message"],
} as const satisfies Partial<Record<keyof Dialect, readonly string[]>>;
const NEEDED: ReadonlySet<string> = new Set(["submit", "status"]);
const FUNCTIONS = ["auth", "caller", "refuse", "finish", "fileHost"] as const;

const STATES = ["pending", "processing", "succeeded", "failed"];
const ROUTE = /^(GET|POST|PUT|PATCH|DELETE) (\/:?[^\s/?#:]+)+$/;
/** What the emulator itself has at the root. */
const OWN_ROOTS = new Set(["_emulator", "_scope", "results", "files"]);

/**
 * A vendor to emulate, from data and pure functions: routes, how a request becomes a task, bodies, refusals, prices,
 * callbacks. Time, faults, ledger, scopes, results, the page and the control API come with it. The vendors of this package
 * are made by the same function.
 *
 * Give it to `createEmulator({ vendors: [acme] })`, or to the program: `vidtask-emulator --vendors ./acme.js`.
 *
 * @throws TypeError that names the member that is wrong, and its rule
 */
export function defineDialect<const S extends Readonly<Record<string, string>>>(
  dialect: Dialect<S>,
): EmulatedVendor<S> {
  const spec = checked(dialect);
  const calls = callsOf(spec);
  const face: EmulatedVendor<S> = Object.freeze({ name: spec.name, path: spec.path, secrets: dialect.secrets });
  vendors.set(face, {
    ...spec,
    settings: spec.settings ?? {},
    fidelity: spec.fidelity ?? [],
    refusals: refusalsOf(spec),
    roots: [...new Set(calls.map(({ segments }) => segments[0] ?? ""))],
    match: matcher(calls),
  });
  return face;
}

function refusalsOf({ refuse, refusals = {} }: Dialect): Refusals {
  if (!refuse) return refusals as Refusals;
  const words = (status: number, message: string) => (): Answer => ({ status, ...refuse(status, message) });
  return {
    badKey: words(401, "the key is missing or wrong"),
    noCredits: words(402, "the balance is too low"),
    notJson: words(400, "the body must be a JSON object"),
    tooLarge: words(413, "the body is too large"),
    rateLimited: words(429, "too many requests"),
    outage: (status) => words(status, status === 500 ? "internal error" : "unavailable")(),
    unknownPath: words(404, "not found"),
    unknownTask: words(404, "there is no such task"),
    conflict: words(409, "this is in use, or too late"),
    unprocessable: words(422, "this cannot be done"),
    ...refusals,
  };
}

const REFUSALS: readonly (keyof Refusals)[] = [
  "badKey",
  "noCredits",
  "notJson",
  "tooLarge",
  "rateLimited",
  "outage",
  "unknownPath",
  "unknownTask",
];

function checked(dialect: unknown): Dialect {
  const spec = given<Dialect & Fields>("defineDialect", dialect, MEMBERS, "member") as Dialect;
  const name = typeof spec.name === "string" ? spec.name : "?";
  const must = (holds: boolean, member: string, rule: string) => {
    if (!holds) throw new TypeError(`defineDialect(${name}): ${member} must be ${rule}`);
  };
  const isFunction = (value: unknown) => typeof value === "function";
  const member = (part: unknown, key: string): unknown => (isObject(part) ? part[key] : undefined);

  must(/^[a-z][a-z0-9_-]*$/.test(name), "name", "a name of lower-case letters, digits, `_` and `-`");
  must(
    typeof spec.path === "string" && /^(\/[^\s/?#]+)*$/.test(spec.path),
    "path",
    "the path of a base URL, such as `/v1`, without a slash at its end; or an empty text",
  );
  must(
    isObject(spec.secrets) &&
      Object.values(spec.secrets).every((secret) => typeof secret === "string" && secret !== ""),
    "secrets",
    'the secrets of a client, by the names of its options: { apiKey: "acme-emulator-key" }',
  );
  must(
    spec.auth !== undefined || Object.hasOwn(spec.secrets, "apiKey"),
    "secrets.apiKey",
    "a text, where there is no `auth` that looks at other secrets",
  );
  for (const word of FUNCTIONS) must(spec[word] === undefined || isFunction(spec[word]), word, "a function");

  must(
    isObject(spec.states) &&
      Object.keys(spec.states).length > 0 &&
      Object.values(spec.states).every((state) => STATES.includes(state)),
    "states",
    `the vendor's words for ${STATES.join(", ")}: { queued: "pending" }`,
  );
  must(typeof spec.stateKey === "string" && spec.stateKey !== "", "stateKey", "the key that has the state in a body");
  must(
    isObject(spec.failCodes) && Object.values(spec.failCodes).every((message) => typeof message === "string"),
    "failCodes",
    "messages by the code of a failed task; {} where none is documented",
  );
  must(typeof spec.refunds === "boolean", "refunds", "true or false");

  for (const key of spec.refuse ? [] : REFUSALS)
    must(
      isFunction(member(spec.refusals, key)),
      `refusals.${key}`,
      "a function that gives the answer, or give `refuse`",
    );

  const routes: [member: string, route: unknown][] = [];
  for (const [part, functions] of Object.entries(PARTS)) {
    const value: unknown = spec[part as keyof typeof PARTS];
    must(
      isObject(value) || (value === undefined && !NEEDED.has(part)),
      part,
      `an object with ${functions.join(" and ")}`,
    );
    if (value === undefined) continue;
    for (const word of functions) must(isFunction(member(value, word)), `${part}.${word}`, "a function");
    if (part !== "callback") routes.push([`${part}.route`, member(value, "route")]);
  }
  must(spec.routes === undefined || isObject(spec.routes), "routes", "functions by `GET /path`");
  for (const [route, answer] of Object.entries(spec.routes ?? {})) {
    must(isFunction(answer), `routes[${JSON.stringify(route)}]`, "a function that gives the answer");
    routes.push([`routes[${JSON.stringify(route)}]`, route]);
  }
  const taken = new Map<string, string>();
  for (const [where, route] of routes) {
    must(typeof route === "string" && ROUTE.test(route), where, "a method and a path, such as `GET /tasks/:id`");
    const shape = String(route).replaceAll(/\/:[^/]+/g, "/:");
    must(!taken.has(shape), where, `another route than ${taken.get(shape)}: ${String(route)} would never come to it`);
    taken.set(shape, where);
    const root = `${spec.path}${String(route).split(" ")[1] ?? ""}`.split("/")[1] ?? "";
    must(!OWN_ROOTS.has(root), where, `outside of /${root}, which is the emulator's own; give a \`path\``);
    must(!root.startsWith(":"), where, "a path that begins with a name of its own, or one below a `path`");
  }
  for (const part of ["status", "result", "cancel"] as const) {
    const found = spec[part];
    must(
      !found || isFunction(found.idOf) || found.route.split("/").includes(":id"),
      `${part}.idOf`,
      "a function, where the route has no segment `:id`",
    );
  }
  must(
    !spec.cancel || isObject(spec.cancel.failure),
    "cancel.failure",
    "the code and the message of a task that was cancelled",
  );

  const { idempotency } = spec;
  if (idempotency) {
    must(/^[\w!#$%&'*+.^`|~-]+$/.test(String(idempotency.header)), "idempotency.header", "the name of a header");
    must(isMs(idempotency.windowMs), "idempotency.windowMs", "milliseconds above 0");
  }
  must(spec.list?.lagMs === undefined || isMs(spec.list.lagMs), "list.lagMs", "milliseconds above 0");
  for (const limit of ["requestsPerMinute", "maxBody", "resultUrlLifeMs"] as const)
    must(spec[limit] === undefined || isMs(spec[limit]), limit, "a number above 0");
  for (const [setting, rule] of Object.entries(spec.settings ?? {}))
    must(isFunction(rule), `settings.${setting}`, "a function that says what is wrong with a value");
  return spec;
}

const isMs = (value: unknown) => typeof value === "number" && value > 0;
