// How a program finds the emulator that it is to talk to: one that runs, or one inside of its own process. Light: the
// emulator itself is loaded only where one starts here.
import { readdirSync, rmSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import type { Clock } from "@vidtask/core";

/** An emulator to talk to. */
export type EmulatorConnection = {
  readonly url: string;
  /** True if it ends with this process, and its tasks with it. */
  readonly isEmbedded: boolean;
  /** Identifies one start of an emulator: it forgets its tasks when it ends, and its ids may be used again. */
  readonly instance: string;
  /** The options for the client of a vendor; `undefined` for a vendor that it does not emulate. */
  for(vendor: string): { apiKey: string; baseUrl: string; clock?: Clock } | undefined;
  /** Ends one that is embedded; one that runs elsewhere goes on. */
  close(): Promise<void>;
};

/** No emulator answers at an address that was named. */
export class NoEmulatorError extends Error {
  /** The address, without a password. */
  readonly url: string;

  constructor(url: string) {
    super(`no emulator answers at ${url}`);
    this.name = "NoEmulatorError";
    this.url = url;
  }
}

const USUAL_URL = "http://127.0.0.1:4310";
/** Emulated time against real time: a minute takes two seconds. */
const SPEED = 30;
/** How long an address that was named has for its answer: it refuses at once where nothing runs, and a busy machine takes its time. */
const NAMED_MS = 30_000;
/** Whatever else is at the usual port holds nobody up for longer. */
const UNNAMED_MS = 2_000;

/**
 * Finds the emulator at `url`, else at `VIDTASK_EMULATOR_URL`, else at the usual port if one runs there, else makes one in this
 * process, whose clock runs 30 times as fast.
 *
 * @throws NoEmulatorError when none answers at an address that was named
 */
export async function findEmulator(url?: string): Promise<EmulatorConnection> {
  const named = url || process.env["VIDTASK_EMULATOR_URL"];
  const running = await (named ? ask(named, NAMED_MS) : ask(USUAL_URL, UNNAMED_MS));
  if (running) return running;
  if (named) throw new NoEmulatorError(withoutPassword(named));
  const { createEmulator } = await import("./emulator.ts");
  // Another seed each time, so that no id comes back.
  const emulator = createEmulator({ clock: { speed: SPEED }, seed: Date.now() });
  const server = await emulator.listen();
  return {
    url: server.url,
    isEmbedded: true,
    instance: "",
    for: (vendor) => server.for(vendor),
    close: () => server.close(),
  };
}

async function ask(url: string, timeoutMs: number): Promise<EmulatorConnection | undefined> {
  let answer: { vendors?: unknown; instance?: unknown };
  try {
    const address = new URL("_emulator", `${url.replace(/\/+$/, "")}/`);
    const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
    answer = (await response.json()) as typeof answer;
  } catch {
    return undefined; // whatever is there, it is no emulator
  }
  const { vendors, instance = "" } = answer ?? {};
  if (!Array.isArray(vendors)) return undefined;
  const endpoints = new Map(
    (vendors as { name: string; apiKey: string; baseUrl: string }[]).map(({ name, apiKey, baseUrl }) => [
      String(name),
      { apiKey: String(apiKey), baseUrl: String(baseUrl) },
    ]),
  );
  return {
    url: withoutPassword(url),
    isEmbedded: false,
    instance: String(instance),
    for: (vendor) => endpoints.get(vendor),
    close: async () => {},
  };
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === "" && parsed.password === "") return url;
  [parsed.username, parsed.password] = ["", ""];
  return parsed.href;
}

/**
 * The path of the journal for the tasks of a running emulator: beside the journal of real tasks, never in it, and one file for each
 * start. Removes the files of earlier starts at that address. The folder is created with the journal.
 */
export function emulatedJournal({ url, instance }: EmulatorConnection, realJournal: string): string {
  const folder = join(dirname(realJournal), "emulated");
  const prefix = `${parse(realJournal).name}-${new URL(url).host.replace(/[^\w.-]/g, "-")}-`;
  const name = `${prefix}${instance.replace(/\W/g, "")}.db`;
  for (const file of filesIn(folder))
    if (file.startsWith(prefix) && !file.startsWith(name)) removeQuietly(join(folder, file));
  return join(folder, name);
}

/** None where there is no folder. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // what else is wrong with it is told where the journal is opened
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Another program has it open, on a system that minds.
  }
}
