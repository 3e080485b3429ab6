// The configuration file: read only when nobody else can read it, because it may hold API keys.
import { statSync } from "node:fs";
import { platform } from "node:os";
import { isAbsolute } from "node:path";
import { InvalidRequestError, readPriceTable, type PriceTable } from "vidtask";
import { UsageError } from "../usage-error.ts";
import { isKeyed, VENDORS, type Vendor } from "../vendors.ts";
import { readFileOrPipe } from "./read-file.ts";

export type Config = {
  readonly path: string;
  readonly isThere: boolean;
  readonly keys: { readonly [vendor in Vendor]?: string };
  readonly journal?: string;
  readonly prices: PriceTable;
  readonly callback?: { readonly url: string; readonly secret: string };
};

const EXAMPLE = `{ "keys": { "apixo": "…" }, "journal": "/path/journal.db", "prices": { "apixo:kling-2-6": { "perVideo": 0.3 } } }`;

/** @throws UsageError for a file that others can read, or that is no configuration. Its words quote nothing of the file. */
export async function readConfig(path: string): Promise<Config> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readFileOrPipe(path));
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
      "Write one of your own, and set VIDTASK_CONFIG to its path.",
    ]);
  if ((mode & 0o077) === 0) return undefined;
  return new UsageError(
    `the configuration ${path} holds keys, and others can read it (mode ${(mode & 0o777).toString(8)})`,
    [`chmod 600 ${path}`, "If somebody may have read them, take new keys."],
  );
}

function checked(path: string, text: string): Omit<Config, "path" | "isThere"> {
  const wrong = (what: string) =>
    new UsageError(`the configuration ${path}: ${what}`, [`It should look like ${EXAMPLE}`]);
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
  const table = tableOf(prices, wrong);
  if (callback !== undefined && !(isKeyed(callback) && isText(callback["url"]) && isText(callback["secret"])))
    throw wrong('"callback" must be { "url": "https://…", "secret": "…" }');
  return {
    keys: keys as Config["keys"],
    prices: table,
    ...(journal === undefined ? {} : { journal: journal as string }),
    ...(callback === undefined ? {} : { callback: callback as { url: string; secret: string } }),
  };
}

function tableOf(prices: unknown, wrong: (what: string) => UsageError): PriceTable {
  try {
    return readPriceTable(prices);
  } catch (error) {
    const [first] = InvalidRequestError.isInstance(error) ? error.issues : [];
    throw wrong(first?.path === "prices" ? `"prices" ${first.message}` : `"prices.${first?.path}" ${first?.message}`);
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
