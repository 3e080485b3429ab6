// What the environment, the configuration file and the command line say together.
import { resolve } from "node:path";
import { UsageError } from "../usage-error.ts";
import { keyEnv, VENDORS, type Vendor } from "../vendors.ts";
import { readConfig, type Config } from "./config-file.ts";
import { configPath, fromHome, usualJournalPath } from "./places.ts";

/** Options that every command takes. */
export type CommonOptions = {
  json?: boolean;
  verbose?: boolean;
  /** `""` for whatever emulator there is, or its URL. */
  emulate?: string;
  journal?: string;
  config?: string;
};

export type Settings = {
  readonly config: Config;
  /** The journal of real tasks. */
  readonly journal: string;
  readonly keys: { readonly [vendor in Vendor]?: { key: string; from: string } };
  readonly callback: { url: string; secret: string } | undefined;
};

/** A variable of the environment wins over the file; an empty one is none. @throws UsageError for a file that cannot be used */
export async function readSettings({ config: given, journal }: CommonOptions, env = process.env): Promise<Settings> {
  const config = await readConfig(given ?? configPath(env));
  // Its journal would not be the one that was meant, and a key would be paid for again.
  if (!config.isThere && (given !== undefined || env["VIDTASK_CONFIG"]))
    throw new UsageError(`there is no configuration ${config.path}`, [
      `Check the path in ${given === undefined ? "VIDTASK_CONFIG" : "--config"}, or leave it out.`,
    ]);
  const keys = VENDORS.flatMap((vendor) => {
    const variable = keyEnv(vendor);
    const fromEnv = env[variable]?.trim();
    if (fromEnv) return [[vendor, { key: fromEnv, from: variable }] as const];
    const key = config.keys[vendor];
    return key === undefined ? [] : [[vendor, { key, from: config.path }] as const];
  });
  const url = env["VIDTASK_CALLBACK_URL"] || config.callback?.url;
  const secret = env["VIDTASK_CALLBACK_SECRET"] || config.callback?.secret;
  const place = journal ?? (env["VIDTASK_JOURNAL"] || (config.journal ?? usualJournalPath(env)));
  return {
    config,
    journal: resolve(fromHome(place, env)),
    keys: Object.fromEntries(keys),
    callback: url && secret ? { url, secret } : undefined,
  };
}
