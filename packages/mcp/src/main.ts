// The program: reads the environment, opens the journal, serves one agent over stdio until it leaves.
import { parseArgs } from "node:util";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { EmulatorConnection } from "@vidtask/emulator/connect";
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  memoryBudget,
  memoryJournal,
  pricesFrom,
  type VideoClient,
} from "vidtask";
import { sqliteJournal } from "vidtask/node";
import { createVideoServer } from "./server.ts";
import { checkPrices, readSettings, SettingsError, type Settings } from "./settings.ts";

const HELP = `vidtask-mcp: AI videos for agents, over MCP on stdio

  npx @vidtask/mcp                    with the keys of the environment
  npx @vidtask/mcp --emulate          without a key and without cost: an emulator that runs here, or one inside
  npx @vidtask/mcp --emulate=URL      the emulator there

  APIXO_API_KEY, AIVIDEOAPI_API_KEY, APIMODELS_API_KEY   one is enough
  VIDTASK_MCP_USD_PER_CALL   what one video may cost                      (1)
  VIDTASK_MCP_USD_PER_DAY    what all servers on this journal may spend   (5)
  VIDTASK_MCP_FOLDER         where videos go and pictures come from       (~/vidtask-videos)
  VIDTASK_MCP_PRICES         prices of your own, as JSON: {"apixo:kling-2-6": {"perVideo": 0.3}}
  VIDTASK_JOURNAL            what was paid for is remembered here         (~/.local/share/vidtask/journal.db)
`;

const VENDORS = { apixo: createApixo, aivideoapi: createAIVideoAPI, apimodels: createAPIModels };
/** A running emulator is on this machine, and asked as often as anybody likes. */
const EMULATED_POLL = { first: 300, interval: 300 };

export async function run(argv: readonly string[], version: string): Promise<void> {
  try {
    const { values } = parseArgs({
      args: joined(argv),
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
        emulate: { type: "string" },
      },
    });
    if (values.help) return void process.stdout.write(HELP);
    if (values.version) return void process.stdout.write(`${version}\n`);
    await serve(readSettings(process.env), values.emulate, version);
  } catch (error) {
    // stdout is the agent's: what people read goes to stderr.
    const isUsage = error instanceof SettingsError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
    process.stderr.write(
      `vidtask-mcp: ${(error as Error).message}\n${isUsage ? "See: npx @vidtask/mcp --help\n" : ""}`,
    );
    process.exitCode = isUsage ? 2 : 70;
  }
}

/** `--emulate` stands alone, or has a URL behind `=` or a blank. */
function joined(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (const word of argv)
    if (words.at(-1) === "--emulate=" && /^https?:/i.test(word)) words[words.length - 1] += word;
    else words.push(word === "--emulate" ? "--emulate=" : word);
  return words;
}

async function serve(settings: Settings, emulateUrl: string | undefined, version: string): Promise<void> {
  const emulated = emulateUrl === undefined ? undefined : await emulate(emulateUrl, settings.journal);
  const file = openJournal(emulated ? emulated.journal : settings.journal);
  const server = createVideoServer({
    journal: file ?? memoryJournal(),
    budget: file?.budget ?? memoryBudget(),
    folder: settings.folder,
    usdPerCall: settings.usdPerCall,
    usdPerDay: settings.usdPerDay,
    clients: (common) => clientsOf(settings, emulated, common),
    version,
  });
  if (process.stdin.isTTY)
    process.stderr.write(
      "vidtask-mcp: waits for an agent on stdin; its host starts it. See: npx @vidtask/mcp --help\n",
    );
  const handle = serveStdio(server.server, { onerror: () => {} });
  let isLeaving = false;
  const leave = async () => {
    if (isLeaving) return;
    isLeaving = true;
    await handle.close();
    await server.close(); // what was paid for is answered and journaled
    file?.close();
    await emulated?.close();
    process.exit();
  };
  // As often as they come: a host that ends, and a terminal that closes, send several, and a paid request may be under way.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void leave());
  process.stdin.once("end", () => void leave());
  process.stdin.once("close", () => void leave());
}

type Common = Parameters<Parameters<typeof createVideoServer>[0]["clients"]>[0];

function clientsOf({ prices }: Settings, emulated: Emulated | undefined, common: Common): VideoClient[] {
  const clients = Object.entries(VENDORS).flatMap(([vendor, create]) => {
    const endpoint = emulated?.for(vendor);
    if (emulated ? !endpoint : !process.env[`${vendor.toUpperCase()}_API_KEY`]?.trim()) return [];
    const client = create({
      ...common,
      ...endpoint,
      ...(emulated?.journal === undefined ? {} : { poll: EMULATED_POLL }),
      prices: pricesFrom(prices, vendor),
    });
    return [client as unknown as VideoClient];
  });
  checkPrices(prices, Object.keys(VENDORS), clients);
  if (clients.length > 0) return clients;
  const names = Object.keys(VENDORS).map((vendor) => `${vendor.toUpperCase()}_API_KEY`);
  throw new SettingsError(
    `there is no API key: set ${names.join(" or ")} in the server's environment, or try it at no cost with --emulate`,
  );
}

type Emulated = EmulatorConnection & {
  /** Where its tasks are remembered; nothing when they end with this process. */
  readonly journal: string | undefined;
};

/** The emulator is loaded only here. */
async function emulate(url: string, realJournal: string): Promise<Emulated> {
  const { emulatedJournal, findEmulator, NoEmulatorError } = await import("@vidtask/emulator/connect");
  const found = await findEmulator(url).catch((error: unknown) => {
    if (!(error instanceof NoEmulatorError)) throw error;
    throw new SettingsError(`${error.message}; start one with: npx vidtask-emulator`);
  });
  return { ...found, journal: found.isEmbedded ? undefined : emulatedJournal(found, realJournal) };
}

function openJournal(path: string | undefined) {
  if (path === undefined) return undefined;
  try {
    return sqliteJournal(path);
  } catch (error) {
    throw new SettingsError(`${(error as Error).message}; VIDTASK_JOURNAL names another`);
  }
}
