// The configuration file: read only when nobody else can read it, because it may hold API keys.
import { readFileSync, statSync } from "node:fs";
import { platform } from "node:os";
import { isAbsolute } from "node:path";
import { UsageError } from "../usage-error.ts";
import { isKeyed, VENDORS, type Vendor } from "../vendors.ts";

/** US dollars for a video, whatever its length, or for each second of it. */
export type OwnPrice = { perVideo: number } | { perSecond: number };

export type Config = {
  readonly path: string;
  readonly isThere: boolean;
  readonly keys: { readonly [vendor in Vendor]?: string };
  readonly journal?: string;
  /** By `vendor:model`. */
  readonly prices: { readonly [model: string]: OwnPrice };
  readonly callback?: { readonly url: string; readonly secret: string };
};

const EXAMPLE = `{ "keys": { "apixo": "…" }, "journal": "/path/journal.db", "prices": { "apixo:kling-2-6": { "perVideo": 0.3 } } }`;

/** @throws UsageError for a file that others can read, or that is no configuration. Its words quote nothing of the file. */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { path, isThere: false, keys: {}, prices: {} };
    throw new UsageError(`the configuration ${path} cannot be read (${code ?? "no reason given"})`);
  }
  const config = { path, isThere: true, ...checked(path, text) };
  const others = Object.keys(config.keys).length > 0 || config.callback ? whoElse(path) : undefined;
  if (others !== undefined) throw others;
  return config;
}

/** On Windows files have no such mode: `vidtask doctor` says that it cannot check. */
export const canCheckMode = (): boolean => platform() !== "win32";

function whoElse(path: string): UsageError | undefined {
  if (!canCheckMode()) return undefined;
  const { mode, uid } = statSync(path);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && own !== 0)
    return new UsageError(`the configuration ${path} holds keys and belongs to another user`, [
      "Make one of your own, or set VIDTASK_CONFIG to its path.",
    ]);
  if ((mode & 0o077) === 0) return undefined;
  return new UsageError(
    `the configuration ${path} holds keys, and others can read it (mode ${(mode & 0o777).toString(8)})`,
    [`chmod 600 ${path}`, "If somebody may have read them, take new keys."],
  );
}

function checked(path: string, text: string): Omit<Config, "path" | "isThere"> {
  const wrong = (what: string) => new UsageError(`the configuration ${path}: ${what}`, [`It looks like ${EXAMPLE}`]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong("it is not JSON");
  }
  if (!isKeyed(json)) throw wrong("it must be a JSON object");
  const known = ["keys", "journal", "prices", "callback"];
  const stranger = Object.keys(json).find((name) => !known.includes(name));
  if (stranger !== undefined) throw wrong(`"${stranger}" is no setting; there are ${known.join(", ")}`);
  const { keys = {}, journal, prices = {}, callback } = json;
  if (!isKeyed(keys)) throw wrong('"keys" must be an object: an API key for each vendor');
  for (const [vendor, key] of Object.entries(keys)) {
    if (!(VENDORS as readonly string[]).includes(vendor))
      throw wrong(`"keys" names "${vendor}", which is no vendor; there are ${VENDORS.join(", ")}`);
    if (typeof key !== "string" || key === "") throw wrong(`"keys.${vendor}" must be a text`);
  }
  // A path from the current folder on would be another journal, and pay again, in each folder.
  if (journal !== undefined && (typeof journal !== "string" || (!/^~[/\\]./.test(journal) && !isAbsolute(journal))))
    throw wrong('"journal" must be the whole path of a file, from / or ~/ on');
  if (!isKeyed(prices)) throw wrong('"prices" must be an object: a price for each "vendor:model"');
  for (const [model, price] of Object.entries(prices))
    if (!isPrice(price)) throw wrong(`"prices.${model}" must be { "perVideo": 0.3 } or { "perSecond": 0.06 }`);
  if (callback !== undefined && !(isKeyed(callback) && isText(callback["url"]) && isText(callback["secret"])))
    throw wrong('"callback" must be { "url": "https://…", "secret": "…" }');
  return {
    keys: keys as Config["keys"],
    prices: prices as Config["prices"],
    ...(journal === undefined ? {} : { journal: journal as string }),
    ...(callback === undefined ? {} : { callback: callback as { url: string; secret: string } }),
  };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function isPrice(value: unknown): value is OwnPrice {
  if (!isKeyed(value)) return false;
  const [[name, usd] = [], ...more] = Object.entries(value);
  const isUsd = typeof usd === "number" && usd >= 0 && Number.isFinite(usd);
  return more.length === 0 && (name === "perVideo" || name === "perSecond") && isUsd;
}
