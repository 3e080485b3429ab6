// What a caller may ask for, checked.
import { given } from "../names.ts";
import { isObject } from "../vendors/rules.ts";
import type { Vendor } from "../vendors/vendor.ts";
import { hasWords } from "./has-words.ts";
import { failCodeOf, kindOf, kinds, type Fault, type FaultOn } from "./kinds.ts";

/** One fault to inject. */
export interface FaultOptions {
  /** What it hits. */
  on: FaultOn;
  /** What goes wrong: FAULTS.md says what the caller gets. */
  kind: Fault;
  /** How many it hits; `Infinity` until `reset`. @default 1 */
  times?: number | undefined;
  /** How many it lets pass first. @default 0 */
  after?: number | undefined;
  /** The probability of each hit, from 0 to 1, drawn by the emulator's seed. @default 1 */
  probability?: number | undefined;
  /** Only this vendor. @default all */
  vendor?: string | undefined;
  /** Of a submit: only one whose token has come before (`true`), or has not (`false`), in the header of the vendor's `idempotency`. @default both */
  resent?: boolean | undefined;
  /** Whether a submit or a cancel was accepted and charged nevertheless, if both are possible. @default as in FAULTS.md */
  accepted?: boolean | undefined;
  /** Of `429` and `503`: the header `Retry-After`, in seconds or, a string, as it stands. @default no such header */
  retryAfter?: number | string | undefined;
  /**
   * Of `cut`, `cut-no-length` and `cut-mp4`: the share of the body that is sent, from 0 to 1. @default 0.5; of a submit's
   * answer as far as the task's id
   */
  at?: number | undefined;
  /** Of `302` and `307`: where to. @default the same address */
  location?: string | undefined;
  /**
   * Milliseconds. Of `late` and `reordered`: how long a callback is held back, at most. Of `lagging`: how old a task is before a
   * list has it. Of `replayed`: how much later the same callback comes again. @default 60000; 600000 of `replayed`
   */
  delay?: number | undefined;
}

/** The probability of each fault: `{ submit: { "reset-after-accept": 0.1 } }`. Those of one place may add up to at most 1. */
export type FaultRates = { [on in FaultOn]?: { [kind in Fault]?: number | undefined } | undefined };

const NAMES: readonly (keyof FaultOptions)[] = [
  "on",
  "kind",
  "times",
  "after",
  "probability",
  "vendor",
  "resent",
  "accepted",
  "retryAfter",
  "at",
  "location",
  "delay",
];

/** @throws TypeError, RangeError naming the member that is wrong. */
export function checkFault(asked: FaultOptions, vendors: readonly Vendor[]): FaultOptions {
  if (!isObject(asked))
    throw new TypeError('injectFault: the argument must be an object such as { on: "poll", kind: "503" }');
  const fault = given<FaultOptions>("injectFault", asked, NAMES);
  const { on, kind, times = 1, after = 0, probability = 1, vendor } = fault;
  const found = checkKind("injectFault", on, kind);
  if (vendor !== undefined && !vendors.some(({ name }) => name === vendor))
    throw new RangeError(
      `injectFault: vendor must be one of ${vendors.map(({ name }) => name).join(", ")}, not ${JSON.stringify(vendor)}`,
    );
  const hit = vendor === undefined ? vendors : vendors.filter(({ name }) => name === vendor);
  checkCode("injectFault", kind, hit);
  if (!hit.some((one) => hasWords(one, kind)))
    throw new RangeError(`injectFault: no vendor here has words for ${kind}; emulate one that has`);
  if (times !== Infinity && !(Number.isSafeInteger(times) && times > 0))
    throw new RangeError(`injectFault: times must be a whole number above 0, or Infinity, not ${times}`);
  if (!Number.isSafeInteger(after) || after < 0)
    throw new RangeError(`injectFault: after must be a whole number, 0 or more, not ${after}`);
  checkShare("injectFault: probability", probability);
  if (fault.at !== undefined) checkShare("injectFault: at", fault.at);
  if (fault.delay !== undefined && !(Number.isFinite(fault.delay) && fault.delay >= 0))
    throw new RangeError(`injectFault: delay must be a number of milliseconds, 0 or more, not ${fault.delay}`);
  const { accepted, location, resent, retryAfter } = fault;
  if (location !== undefined && typeof location !== "string")
    throw new TypeError(`injectFault: location must be a string, not ${typeof location}`);
  if (retryAfter !== undefined && typeof retryAfter !== "string" && !(Number.isFinite(retryAfter) && retryAfter >= 0))
    throw new RangeError(`injectFault: retryAfter must be seconds, 0 or more, or a string, not ${String(retryAfter)}`);
  if (resent !== undefined && typeof resent !== "boolean")
    throw new TypeError(`injectFault: resent must be true or false, not ${typeof resent}`);
  if (resent !== undefined && on !== "submit")
    throw new RangeError(`injectFault: resent says nothing about a fault on ${on}; leave it out`);
  if (accepted !== undefined && typeof accepted !== "boolean")
    throw new TypeError(`injectFault: accepted must be true or false, not ${typeof accepted}`);
  for (const name of ["at", "delay", "location", "retryAfter"] as const)
    if (fault[name] !== undefined && !found.takes?.includes(name))
      throw new RangeError(`injectFault: ${name} says nothing about ${kind}; leave it out`);
  const told = found.accepted === "unless-told" || found.accepted === "if-told";
  if (accepted !== undefined && !(told && (on === "submit" || on === "cancel")))
    throw new RangeError(
      `injectFault: accepted has no choice with ${kind} on ${on}${on === "submit" || on === "cancel" ? `, which is ${found.accepted} accepted` : ""}; leave it out`,
    );
  return fault;
}

/** @throws TypeError, RangeError naming the entry that is wrong. */
export function checkRates(rates: unknown, vendors: readonly Vendor[]): FaultRates {
  if (!isObject(rates)) throw new TypeError('faults must be an object such as { submit: { "503": 0.1 } }');
  for (const [on, shares] of Object.entries(rates)) {
    if (shares === undefined || shares === null) continue;
    if (!isObject(shares)) throw new TypeError(`faults.${on} must be an object: a share by the kind of fault`);
    let sum = 0;
    for (const [kind, share] of Object.entries(shares)) {
      if (share === undefined || share === null) continue;
      checkKind("faults", on, kind);
      checkCode("faults", kind, vendors);
      sum += checkShare(`faults.${on}[${JSON.stringify(kind)}]`, share);
    }
    if (sum > 1 + 1e-9) throw new RangeError(`faults.${on}: the shares add up to ${sum}, which is above 1`);
  }
  return rates as FaultRates;
}

function checkKind(where: string, on: unknown, kind: unknown) {
  const found = kindOf(kind);
  if (!found)
    throw new RangeError(
      `${where}: there is no fault ${JSON.stringify(kind)}; use one of ${Object.keys(kinds).join(", ")}, fail:<code>`,
    );
  if (!found.on.includes(on as FaultOn))
    throw new RangeError(
      `${where}: ${String(kind)} is a fault on ${found.on.join(", ")}, not on ${JSON.stringify(on)}`,
    );
  return found;
}

function checkCode(where: string, kind: string, vendors: readonly Vendor[]): void {
  const code = failCodeOf(kind);
  if (code === undefined || vendors.some(({ failCodes }) => Object.hasOwn(failCodes, code))) return;
  const known = vendors.map(({ name, failCodes }) => `${name}: ${Object.keys(failCodes).join(", ")}`).join("; ");
  throw new RangeError(`${where}: no vendor here documents the code ${JSON.stringify(code)}; use one of ${known}`);
}

function checkShare(name: string, share: unknown): number {
  if (typeof share !== "number" || !(share >= 0 && share <= 1))
    throw new RangeError(`${name} must be a number from 0 to 1, not ${String(share)}`);
  return share;
}
