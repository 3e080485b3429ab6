// What the key of an AIVideoAPI account can be limited to (P /docs/getting-started/authentication).
import { addressList, listed } from "../../network/hosts.ts";
import type { Context } from "../context.ts";
import { isObject, lifeMs, type Check } from "../rules.ts";
import { USD_PER_CREDIT } from "./models.ts";

export interface AIVideoAPIAccount {
  /**
   * Up to 10 addresses or CIDR ranges; a caller from elsewhere meets 403 `ip_not_allowed`. Every caller of the emulator,
   * in process too, comes from 127.0.0.1. @default [] no restriction
   */
  allowedIps?: readonly string[] | undefined;
  /**
   * The most that the key may spend, in credits, as the vendor counts it; beyond it 429 `spend_limit_exceeded`. A task
   * that failed does not count. @default {} no limit
   */
  spendLimit?: { hourly?: number | undefined; daily?: number | undefined; total?: number | undefined } | undefined;
  /** How long a result URL lives, in milliseconds. Its page says for ever, another model's 24 hours. @default Infinity */
  resultLifeMs?: number | undefined;
}

const allowedIps: Check = (value) =>
  Array.isArray(value) &&
  value.length <= 10 &&
  value.every((entry) => typeof entry === "string") &&
  addressList(value) !== undefined
    ? undefined
    : "must be an array of up to 10 IP addresses or CIDR ranges";

const HOUR = 3_600_000;
/** assumed: an hour and a day are the last ones, not those of a calendar. */
const WINDOWS: Readonly<Record<string, number>> = { hourly: HOUR, daily: 24 * HOUR, total: Infinity };

const spendLimit: Check = (value) =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, most]) =>
      Object.hasOwn(WINDOWS, name) && (most === undefined || (Number.isSafeInteger(most) && Number(most) >= 0)),
  )
    ? undefined
    : "must be an object with hourly, daily or total, in whole credits";

export const settings = { allowedIps, spendLimit, resultLifeMs: lifeMs };

/** The emulator listens on loopback only. */
const CALLER = "127.0.0.1";

export function isAllowed(context: Context): boolean {
  const { allowedIps: entries = [] } = context.settings as AIVideoAPIAccount;
  if (entries.length === 0) return true;
  const list = addressList(entries);
  return list !== undefined && listed(list, CALLER);
}

export function isAffordable({ clock, settings: account, store }: Context, credits: number): boolean {
  const { spendLimit: limits = {} } = account as AIVideoAPIAccount;
  return Object.entries(limits).every(([name, most = Infinity]) => {
    const since = clock.now() - (WINDOWS[name] ?? Infinity);
    let spent = credits;
    for (const task of store.all())
      if (task.createdAt > since && store.state(task) !== "failed") spent += Math.round(task.usd / USD_PER_CREDIT);
    return spent <= most;
  });
}
