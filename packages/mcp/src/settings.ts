// What the environment says; every message names the variable, and shows no key.
import { accessSync, constants, statSync } from "node:fs";
import { homedir, platform } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { nearest } from "@vidtask/core/router";
import { InvalidRequestError, readPriceTable, type PriceTable } from "vidtask";

type Env = { readonly [name: string]: string | undefined };

export type Settings = {
  journal: string;
  folder: string;
  usdPerCall: number;
  usdPerDay: number;
  prices: PriceTable;
};

export class SettingsError extends Error {
  override name = "SettingsError";
}

const [PER_CALL, PER_DAY, FOLDER, PRICES] = [
  "VIDTASK_MCP_USD_PER_CALL",
  "VIDTASK_MCP_USD_PER_DAY",
  "VIDTASK_MCP_FOLDER",
  "VIDTASK_MCP_PRICES",
] as const;
const JOURNAL = "VIDTASK_JOURNAL";

/** @throws SettingsError that names the variable that cannot be used */
export function readSettings(env: Env): Settings {
  const known = [PER_CALL, PER_DAY, FOLDER, PRICES];
  const stranger = Object.keys(env).find(
    (name) => name.startsWith("VIDTASK_MCP_") && !known.some((one) => one === name),
  );
  if (stranger !== undefined) {
    // Above all a budget that was meant to be lower.
    const meant = nearest(stranger, known);
    const remedy = meant === undefined ? `the settings are ${known.join(", ")}` : `did you mean ${meant}?`;
    throw new SettingsError(`${stranger} is not a setting of this server: ${remedy}`);
  }
  const home = env["HOME"] || homedir();
  const data =
    platform() === "win32"
      ? env["LOCALAPPDATA"] || join(home, "AppData", "Local")
      : isAbsolute(env["XDG_DATA_HOME"] ?? "")
        ? (env["XDG_DATA_HOME"] ?? "")
        : join(home, ".local", "share");
  return {
    // The same file as the command line's: a person sees what an agent does.
    journal: path(env, JOURNAL, join(data, "vidtask", "journal.db"), home),
    folder: usableFolder(path(env, FOLDER, join(home, "vidtask-videos"), home)),
    usdPerCall: dollars(env, PER_CALL, 1),
    usdPerDay: dollars(env, PER_DAY, 5),
    prices: prices(env[PRICES]),
  };
}

function dollars(env: Env, name: string, usual: number): number {
  const text = env[name]?.trim();
  if (!text) return usual;
  const usd = /^\d*\.?\d+$/.test(text) ? Number(text) : 0;
  if (usd > 0 && Number.isFinite(usd)) return usd;
  throw new SettingsError(
    `${name} must be US dollars, more than 0, in digits without a sign, such as ${usual} or 0.5; it is "${text}"`,
  );
}

/** No shell has read it, and a host starts its servers wherever it likes: another journal would be another budget. */
function path(env: Env, name: string, usual: string, home: string): string {
  const given = env[name]?.trim();
  if (!given) return resolve(usual);
  const whole = /^~([/\\]|$)/.test(given) ? join(home, given.slice(1)) : given;
  if (isAbsolute(whole) && !whole.includes("\0")) return resolve(whole);
  throw new SettingsError(`${name} must be an absolute path, or one that begins with ~/; it is "${given}"`);
}

/** Told at the start, not when a video that was paid for is to be saved. Makes nothing. */
function usableFolder(folder: string): string {
  let above = folder;
  for (;;) {
    try {
      if (!statSync(above).isDirectory())
        throw new SettingsError(`${FOLDER} is "${folder}", and "${above}" is no folder`);
      accessSync(above, constants.W_OK | constants.X_OK);
      return folder;
    } catch (error) {
      if (error instanceof SettingsError) throw error;
      const { code = "it cannot be used" } = error as NodeJS.ErrnoException;
      // What is not there is made when it is needed.
      if (!["ENOENT", "ENOTDIR"].includes(code) || dirname(above) === above)
        throw new SettingsError(`${FOLDER} is "${folder}", and nothing can be written to "${above}" (${code})`);
      above = dirname(above);
    }
  }
}

function prices(text: string | undefined): PriceTable {
  if (!text?.trim()) return {};
  const example = '{"apixo:kling-2-6": {"perVideo": 0.3}} or {"apixo:kling-2-6": {"perSecond": 0.06}}';
  try {
    return readPriceTable(JSON.parse(text));
  } catch (error) {
    const [first] = InvalidRequestError.isInstance(error) ? error.issues : [];
    const what = first ? `: "${first.path}" ${first.message}. It is JSON` : " must be JSON";
    throw new SettingsError(`${PRICES}${what} such as ${example}`);
  }
}

/**
 * A price that is for nothing is a slip: what it was meant for would be refused for want of a price.
 *
 * @throws SettingsError for a price of no vendor, or of a model that this version of it does not list
 */
export function checkPrices(
  prices: PriceTable,
  vendors: readonly string[],
  clients: readonly { vendor: string; models: { readonly [model: string]: unknown } }[],
): void {
  for (const row of Object.keys(prices)) {
    const vendor = vendors.find((name) => row.startsWith(`${name}:`));
    const client = clients.find((one) => one.vendor === vendor);
    if (vendor !== undefined && !client) continue; // there is no key of it: what it lists is not asked for
    const known = client ? Object.keys(client.models).map((model) => `${client.vendor}:${model}`) : [];
    if (known.includes(row)) continue;
    const meant = nearest(row, known);
    const remedy =
      meant === undefined ? `there are ${(client ? known : vendors).join(", ")}` : `did you mean "${meant}"?`;
    throw new SettingsError(
      `${PRICES}: "${row}" is no ${client ? "model" : "vendor's model"} of this version: ${remedy}`,
    );
  }
}
