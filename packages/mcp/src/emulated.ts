// What `--emulate` talks to: a `vidtask-emulator` that runs, or one inside of this process.
import { dirname, join } from "node:path";
import type { Clock } from "vidtask";
import { SettingsError } from "./settings.ts";

export type Endpoint = { apiKey: string; baseUrl: string; clock?: Clock };
export type Emulated = {
  readonly url: string;
  /** Of one start of an emulator that goes on without this server; its tasks have a journal of their own. */
  readonly instance: string | undefined;
  endpointOf(vendor: string): Endpoint | undefined;
  close(): Promise<void>;
};

/** Emulated time against real time: a minute takes two seconds. */
const SPEED = 30;

/** @throws SettingsError when none answers at the URL */
export async function emulate(url: string): Promise<Emulated> {
  if (url !== "") return connect(url);
  const { createEmulator } = await import("@vidtask/emulator");
  // Another seed each time, so that no id comes back.
  const emulator = createEmulator({ clock: { speed: SPEED }, seed: Date.now() });
  const server = await emulator.listen();
  return {
    url: server.url,
    instance: undefined,
    endpointOf: (vendor) => server.for(vendor),
    close: () => server.close(),
  };
}

type Said = { instance?: unknown; vendors?: unknown };

async function connect(url: string): Promise<Emulated> {
  let said: Said;
  try {
    const base = `${url.replace(/\/+$/, "")}/`;
    const response = await fetch(new URL("_emulator", base), { signal: AbortSignal.timeout(2_000) });
    said = (await response.json()) as Said;
  } catch {
    said = {};
  }
  const { vendors, instance } = said;
  if (!Array.isArray(vendors))
    throw new SettingsError(`no emulator answers at ${url}; start one with: npx vidtask-emulator`);
  const named = vendors as readonly { name: string; apiKey: string; baseUrl: string }[];
  const endpoints = new Map(named.map(({ name, apiKey, baseUrl }) => [name, { apiKey, baseUrl }]));
  return {
    url,
    instance: `${new URL(url).host}-${String(instance)}`.replace(/[^\w.-]/g, "-"),
    endpointOf: (vendor) => endpoints.get(vendor),
    close: async () => {},
  };
}

/** Emulated tasks never stand beside real ones. */
export const emulatedJournal = (journal: string, instance: string): string =>
  join(dirname(journal), "emulated", `mcp-${instance}.db`);
