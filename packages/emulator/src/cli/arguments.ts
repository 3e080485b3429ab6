// What may be said on the command line.
import { parseArgs } from "node:util";
import type { FaultRates } from "../faults/options.ts";
import type { EmulatorOptions } from "../options.ts";

export const DEFAULT_PORT = 4310;
/** Milliseconds that a task takes with `--fast`. */
const FAST = 2_000;

export const HELP = `vidtask-emulator: AI video APIs on this machine, with a page to look at. No key, no cost, no network.

  vidtask-emulator [options]

  --port <n>          port to listen on, at 127.0.0.1; 0 takes a free one. Default: ${DEFAULT_PORT}
  --fast              let every task take ${FAST / 1000} s; dates stay real
  --vendors <names>   only these, separated by commas: apixo,aivideoapi,apimodels. Default: all
                      ./acme.js adds the vendors that this module makes with defineDialect
  --credits <usd>     balance of each account at the start. Default: 100
  --faults <list>     faults with their probability: submit:503=0.1,poll:404=0.05 (all are in FAULTS.md)
  --seed <n>          the same seed gives the same ids, times and faults. Default: 1
  --quiet             print only errors
  --help, --version

It prints a .env file: vidtask-emulator > .env
VIDTASK_EMULATOR_TOKEN sets the token of the control API, 16 characters or more.
`;

export interface Asked {
  port: number;
  quiet: boolean;
  /** Names, and modules that export vendors. */
  vendors?: string[] | undefined;
  options: EmulatorOptions;
}

/** What is wrong with the command line. */
export class UsageError extends Error {}

export function readArguments(args: readonly string[]): Asked | "help" | "version" {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: "string" },
        fast: { type: "boolean", default: false },
        vendors: { type: "string" },
        credits: { type: "string" },
        faults: { type: "string" },
        seed: { type: "string" },
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return "help";
  if (values.version) return "version";
  const { port, vendors, credits, seed, faults, fast, quiet } = values;
  return {
    port: port === undefined ? DEFAULT_PORT : numberOf("--port", port),
    quiet,
    vendors: vendors?.split(",").map((name) => name.trim()),
    options: {
      ...(credits !== undefined && { credits: numberOf("--credits", credits) }),
      ...(seed !== undefined && { seed: numberOf("--seed", seed) }),
      ...(faults !== undefined && { faults: ratesOf(faults) }),
      ...(fast && { taskMs: FAST }),
    },
  };
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw new UsageError(`${name} must be a number, not "${text}"`);
  return number;
}

/** `submit:503=0.1,poll:404=0.05` */
function ratesOf(text: string): FaultRates {
  const rates: Record<string, Record<string, number>> = {};
  for (const item of text.split(",")) {
    const [, on, kind, share] = /^\s*([a-z]+):([^=\s]+)=(\S+)\s*$/.exec(item) ?? [];
    if (on === undefined || kind === undefined || share === undefined)
      throw new UsageError(`--faults must look like submit:503=0.1,poll:404=0.05, not "${item}"`);
    (rates[on] ??= {})[kind] = numberOf(`--faults ${on}:${kind}`, share);
  }
  return rates;
}
