// The options of `createEmulator`, with their defaults, checked.
import type { Deliver } from "./callbacks/post.ts";
import { checkRates, type FaultRates } from "./faults/options.ts";
import { given } from "./names.ts";
import type { ClockMode } from "./time/clock.ts";
import { vendorOf } from "./vendors/define-dialect.ts";
import { vendors, type Accounts } from "./vendors/index.ts";
import { isObject } from "./vendors/rules.ts";
import type { Vendor, EmulatedVendor } from "./vendors/vendor.ts";

/** Options of the emulator; every option has a default. */
export interface EmulatorOptions {
  /** Vendors to emulate: names, or what `defineDialect` returned. @default all: `["apixo", "aivideoapi", "apimodels"]` */
  vendors?: readonly (string | EmulatedVendor)[] | undefined;
  /**
   * How time passes for the emulator and for the clients that get its `clock`: `"real"`; `"manual"`, which moves only in
   * `clock.advance` and `clock.until`, from 2026-01-01T00:00:00Z on; or `{ speed }`, so many times as fast as real time, while
   * the dates in answers stay real.
   * @default "real"
   */
  clock?: ClockMode | undefined;
  /** An integer: the same seed gives the same task ids, durations and faults. @default 1 */
  seed?: number | undefined;
  /**
   * How long every task takes, in milliseconds, instead of the vendor's time. Dates stay real, and a client in another
   * process needs no clock. @default the vendor's time
   */
  taskMs?: number | undefined;
  /** The balance of each vendor's account at the start and after `reset`, in US dollars. @default 100 */
  credits?: number | undefined;
  /** Settings of the accounts, by vendor. @default {} */
  accounts?: (Accounts & { [vendor: string]: object | undefined }) | undefined;
  /**
   * Faults with their probability from 0 to 1, by where they hit and by kind: `{ submit: { "reset-after-accept": 0.1 } }`. The
   * kinds are those of `injectFault`. @default {}
   */
  faults?: FaultRates | undefined;
  /**
   * Receives every callback in process, whatever its URL, such as a receiver's `fetch`. Without it, callbacks go over HTTP and
   * only to loopback: nothing leaves the machine.
   */
  deliverCallback?: Deliver | undefined;
}

export interface CheckedOptions {
  vendors: readonly Vendor[];
  clock: ClockMode;
  seed: number;
  credits: number;
  taskMs: number | undefined;
  accounts: Readonly<Record<string, object>>;
  faults: FaultRates;
  deliverCallback: Deliver | undefined;
}

const known = (among: readonly { name: string }[] = vendors) =>
  among.map(({ name }) => JSON.stringify(name)).join(", ");

export function findVendor<Named extends { name: string }>(
  name: unknown,
  among: readonly Named[],
  where: string,
): Named {
  const found = among.find((vendor) => vendor.name === name);
  if (found) return found;
  const off = vendors.some((vendor) => vendor.name === name);
  throw new RangeError(
    off
      ? `${where}: ${JSON.stringify(name)} is not among the vendors of this emulator; add it to the option "vendors", or leave that out`
      : `${where}: there is no emulated vendor ${JSON.stringify(name) ?? String(name)}; use one of ${known(among)}`,
  );
}

const NAMES: readonly (keyof EmulatorOptions)[] = [
  "vendors",
  "clock",
  "seed",
  "taskMs",
  "credits",
  "accounts",
  "faults",
  "deliverCallback",
];

export function checkOptions(all: EmulatorOptions | undefined): CheckedOptions {
  const options = given<EmulatorOptions>("createEmulator", all, NAMES);
  const { clock = "real", seed = 1, credits = 100, accounts = {}, faults = {}, deliverCallback, taskMs } = options;
  const names = options.vendors ?? vendors.map(({ name }) => name);
  if (!Array.isArray(names))
    throw new TypeError(`vendors must be an array of vendor names; use some of ${known()}, or leave it out for all`);
  if (names.length === 0)
    throw new RangeError(`vendors must name at least one vendor; use some of ${known()}, or leave it out for all`);
  if (typeof seed !== "number") throw new TypeError(`seed must be an integer, not ${typeof seed}; leave it out for 1`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be an integer, not ${seed}; leave it out for 1`);
  if (typeof credits !== "number")
    throw new TypeError(`credits must be a number of US dollars, not ${typeof credits}; leave it out for 100`);
  if (!Number.isFinite(credits) || credits < 0 || credits > 1e9)
    throw new RangeError(`credits must be US dollars from 0 to 1e9, not ${credits}; leave it out for 100`);
  if (taskMs !== undefined && typeof taskMs !== "number")
    throw new TypeError(
      `taskMs must be a number of milliseconds, not ${typeof taskMs}; leave it out for the vendor's time`,
    );
  if (taskMs !== undefined && !(Number.isFinite(taskMs) && taskMs >= 0))
    throw new RangeError(`taskMs must be milliseconds, 0 or more, not ${taskMs}; leave it out for the vendor's time`);
  if (deliverCallback !== undefined && typeof deliverCallback !== "function")
    throw new TypeError(
      `deliverCallback must be a function of a Request, not ${typeof deliverCallback}; leave it out for HTTP to loopback`,
    );
  const chosen = [...new Set(names)].map((given: unknown) => vendorOf(given) ?? findVendor(given, vendors, "vendors"));
  checkApart(chosen);
  return {
    vendors: chosen,
    clock,
    seed,
    credits,
    taskMs,
    accounts: checkAccounts(accounts, chosen),
    faults: checkRates(faults, chosen),
    deliverCallback,
  };
}

/** Two vendors that cannot be told apart, by name or by path. */
function checkApart(chosen: readonly Vendor[]): void {
  for (const [index, vendor] of chosen.entries())
    for (const other of chosen.slice(0, index)) {
      const { name, path } = vendor;
      if (other.name === name)
        throw new RangeError(`vendors: there are two of the name ${JSON.stringify(name)}; leave one out, or rename it`);
      const root = other.path === path ? vendor.roots.find((one) => other.roots.includes(one)) : undefined;
      if (root !== undefined || isWithin(vendor, other) || isWithin(other, vendor))
        throw new RangeError(
          `vendors: ${name} and ${other.name} share paths below ${path}/${root ?? ""}; emulate one of them, or give a dialect another path`,
        );
    }
}

/** A route of one would be asked for below the path of the other. */
const isWithin = (inner: Vendor, outer: Vendor): boolean =>
  inner.path !== outer.path && outer.roots.some((root) => `${inner.path}/`.startsWith(`${outer.path}/${root}/`));

function checkAccounts(accounts: unknown, chosen: readonly Vendor[]): Record<string, object> {
  if (!isObject(accounts)) throw new TypeError("accounts must be an object: settings by the name of a vendor");
  return Object.fromEntries(
    Object.entries(accounts).map(([name, settings]) => {
      const vendor = findVendor(name, chosen, "accounts");
      return [name, checkSettings(vendor, settings)];
    }),
  );
}

/** @throws TypeError, RangeError naming the setting that is wrong. */
export function checkSettings({ name, settings: rules }: Vendor, all: unknown): object {
  const settings = given<Record<string, unknown>>(`accounts.${name}`, all, Object.keys(rules), "setting");
  for (const [key, value] of Object.entries(settings)) {
    const wrong = rules[key]?.(value);
    if (wrong) throw new TypeError(`accounts.${name}.${key} ${wrong}`);
  }
  return settings;
}
