// What the environment says; every message names the variable, and shows no key.
import { homedir, platform } from "node:os";
import { join, resolve } from "node:path";

type Env = { readonly [name: string]: string | undefined };
export type OwnPrice = { perVideo: number } | { perSecond: number };

export type Settings = {
  journal: string;
  folder: string;
  usdPerCall: number;
  usdPerDay: number;
  /** By `vendor:model`. */
  prices: { readonly [model: string]: OwnPrice };
};

export class SettingsError extends Error {
  override name = "SettingsError";
}

/** @throws SettingsError that names the variable that cannot be used */
export function readSettings(env: Env): Settings {
  const home = env["HOME"] || homedir();
  const data =
    platform() === "win32"
      ? env["LOCALAPPDATA"] || join(home, "AppData", "Local")
      : env["XDG_DATA_HOME"] || join(home, ".local", "share");
  return {
    // The same file as the command line's: a person sees what an agent does.
    journal: resolve(env["VIDTASK_JOURNAL"] || join(data, "vidtask", "journal.db")),
    folder: resolve(env["VIDTASK_MCP_FOLDER"] || join(home, "vidtask-videos")),
    usdPerCall: dollars(env, "VIDTASK_MCP_USD_PER_CALL", 1),
    usdPerDay: dollars(env, "VIDTASK_MCP_USD_PER_DAY", 5),
    prices: prices(env["VIDTASK_MCP_PRICES"]),
  };
}

function dollars(env: Env, name: string, usual: number): number {
  const text = env[name]?.trim();
  if (!text) return usual;
  const usd = Number(text);
  if (usd > 0 && Number.isFinite(usd)) return usd;
  throw new SettingsError(`${name} must be US dollars, more than 0, such as ${usual}; it is "${text}"`);
}

const EXAMPLE = '{"apixo:kling-2-6": {"perVideo": 0.3}} or {"apixo:kling-2-6": {"perSecond": 0.06}}';

function prices(text: string | undefined): Settings["prices"] {
  if (!text?.trim()) return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SettingsError(`VIDTASK_MCP_PRICES must be JSON such as ${EXAMPLE}`);
  }
  const rows = typeof json === "object" && json !== null && !Array.isArray(json) ? Object.entries(json) : undefined;
  const wrong = rows?.find(([model, price]) => !/^[^:]+:.+$/.test(model) || !isPrice(price));
  if (rows && !wrong) return json as Settings["prices"];
  throw new SettingsError(`VIDTASK_MCP_PRICES${wrong ? `: "${wrong[0]}"` : ""} must be like ${EXAMPLE}`);
}

function isPrice(value: unknown): value is OwnPrice {
  if (typeof value !== "object" || value === null) return false;
  const [[name, usd] = [], ...more] = Object.entries(value);
  const isUsd = typeof usd === "number" && usd >= 0 && Number.isFinite(usd);
  return more.length === 0 && (name === "perVideo" || name === "perSecond") && isUsd;
}
