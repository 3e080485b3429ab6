// What `--emulate` talks to: a `vidtask-emulator` that runs, or one inside of this process.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@vidtask/core";
import { emulatedJournal } from "../config/places.ts";
import { UsageError } from "../usage-error.ts";
import { isKeyed } from "../vendors.ts";

export type Emulated = {
  readonly url: string;
  /** It ends with this process, and its tasks with it. */
  readonly isEmbedded: boolean;
  /** Of one start of an emulator. */
  readonly instance: string;
  /** What the client of a vendor is made with; nothing for one that is not emulated. */
  endpointOf(vendor: string): { apiKey: string; baseUrl: string; clock?: Clock } | undefined;
  close(): Promise<void>;
};

const USUAL_URL = "http://127.0.0.1:4310";
/** Emulated time against real time: a minute takes two seconds. */
const SPEED = 30;

/**
 * The emulator at `given`, else at `VIDTASK_EMULATOR_URL`, else at the usual port when one runs there, else one of its own.
 *
 * @throws UsageError when none answers at an address that was named
 */
export async function findEmulator(given: string): Promise<Emulated> {
  const named = given || process.env["VIDTASK_EMULATOR_URL"];
  const running = await askEmulator(named || USUAL_URL);
  if (running) return running;
  if (named)
    throw new UsageError(`no emulator answers at ${named}`, [
      "Start one with: vidtask emulate",
      "Or leave the address out: --emulate alone brings its own.",
    ]);
  return embed();
}

async function askEmulator(url: string): Promise<Emulated | undefined> {
  let answer: unknown;
  try {
    const response = await fetch(new URL("_emulator", `${url.replace(/\/+$/, "")}/`), {
      signal: AbortSignal.timeout(2_000),
    });
    answer = await response.json();
  } catch {
    return undefined;
  }
  const { vendors, instance = "" } = isKeyed(answer) ? answer : {};
  if (!Array.isArray(vendors)) return undefined;
  const endpoints = new Map(
    vendors.filter(isKeyed).map(({ name, apiKey, baseUrl }) => {
      return [String(name), { apiKey: String(apiKey), baseUrl: String(baseUrl) }] as const;
    }),
  );
  return {
    url,
    isEmbedded: false,
    instance: String(instance),
    endpointOf: (vendor) => endpoints.get(vendor),
    close: async () => {},
  };
}

async function embed(): Promise<Emulated> {
  const { createEmulator } = await import("@vidtask/emulator");
  // Another seed each time, so that no id comes back.
  const emulator = createEmulator({ clock: { speed: SPEED }, seed: Date.now() });
  const server = await emulator.listen();
  return {
    url: server.url,
    isEmbedded: true,
    instance: "",
    endpointOf: (vendor) => server.for(vendor),
    close: () => server.close(),
  };
}

/** Where the tasks of a running emulator are remembered; what is left of its earlier starts is removed. */
export function journalOf(emulated: Emulated, realJournal: string): string {
  const { host } = new URL(emulated.url);
  const { folder, prefix, path } = emulatedJournal(realJournal, { host, instance: emulated.instance });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(folder))
    if (file.startsWith(prefix) && !join(folder, file).startsWith(path)) rmSync(join(folder, file), { force: true });
  return path;
}
