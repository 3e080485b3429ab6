// What a command works with: a client of every vendor over one journal, real or emulated.
import { memoryBudget, memoryJournal, pricesFrom, type Budget, type Clock, type Journal } from "vidtask";
import { sqliteJournal } from "vidtask/node";
import { readSettings, type CommonOptions, type Settings } from "../config/settings.ts";
import type { Output } from "../output/output.ts";
import { UsageError } from "../usage-error.ts";
import { keyEnv, VENDORS, type Vendor } from "../vendors.ts";
import { routerOf, type Clients } from "./clients.ts";
import { emulate, type Emulated } from "./emulated.ts";

export type Session = Clients & {
  readonly settings: Settings;
  readonly emulated: Emulated | undefined;
  readonly journal: Journal;
  readonly journalPath: string;
  /** The address that submits give for callbacks; nothing where none is configured that can be used. */
  readonly callback: string | undefined;
  /** Those that can be asked: there is a key of theirs. */
  readonly keyed: readonly Vendor[];
  readonly clock: Pick<Clock, "now">;
  /** Waits until every paid request that has left is answered and journaled. */
  close(): Promise<void>;
};

export type SessionOptions = {
  /** A command that only looks at the journal of a running emulator has nothing to see in one that starts now. */
  needsPast?: boolean;
  /** One cap for all vendors together. */
  budget?: { usd: number; name: string } | undefined;
};

/** A running emulator is on this machine, and asked as often as anybody likes. */
const EMULATED_POLL = { first: 300, interval: 300 };

export async function openSession(
  common: CommonOptions,
  out: Output,
  { needsPast = false, budget }: SessionOptions = {},
): Promise<Session> {
  const settings = await readSettings(common);
  const emulated = common.emulate === undefined ? undefined : await emulate(common.emulate, settings.journal);
  if (emulated?.isEmbedded && needsPast) {
    await emulated.close();
    throw new UsageError("no emulator is running, so there are no emulated tasks", [
      "Start one in another terminal: vidtask emulate",
    ]);
  }
  const journalPath = emulated ? (emulated.journal ?? "") : settings.journal;
  const file = journalPath === "" ? undefined : openJournal(journalPath);
  const journal: Journal = file ?? memoryJournal();
  const cap = budget && { usd: budget.usd, period: budget.name, shared: ofAll(file?.budget ?? memoryBudget()) };
  const callback = usableCallback(settings, emulated);
  const clients = routerOf((vendor) => {
    const endpoint = emulated?.for(vendor);
    const apiKey = emulated ? endpoint?.apiKey : settings.keys[vendor]?.key;
    return {
      ...endpoint,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(cap ? { budget: cap } : {}),
      ...(emulated && !emulated.isEmbedded ? { poll: EMULATED_POLL } : {}),
      ...(callback ? { callback } : {}),
      prices: pricesFrom(settings.config.prices, vendor),
    };
  }, journal);
  if (emulated) out.say(emulatedNote(emulated));
  return {
    settings,
    emulated,
    journal,
    journalPath,
    ...clients,
    callback: callback?.url,
    keyed: VENDORS.filter((vendor) => (emulated ? emulated.for(vendor) : settings.keys[vendor])),
    clock: emulated?.for("apixo")?.clock ?? { now: () => Date.now() },
    async close() {
      await clients.router.drain();
      file?.close();
      await emulated?.close();
    },
  };
}

function openJournal(path: string) {
  try {
    return sqliteJournal(path);
  } catch (error) {
    throw new UsageError((error as Error).message, [
      "Choose another file with --journal <file>; vidtask doctor checks it.",
    ]);
  }
}

/** The store counts by account, which is a vendor's; this one budget is for all of them. */
const ofAll = ({ reserve, release }: Budget): Budget => ({
  reserve: (_, holder, usd, limit, period) => reserve("vidtask-cli", holder, usd, limit, period),
  release: (_, holder) => release("vidtask-cli", holder),
});

const isLoopback = (url: string): boolean =>
  URL.canParse(url) && /^(127\.|localhost$|\[::1\]$)/.test(new URL(url).hostname);

/** An emulator calls this machine only, and a vendor never calls it. */
function usableCallback({ callback }: Settings, emulated: Emulated | undefined) {
  return callback && isLoopback(callback.url) === Boolean(emulated) ? callback : undefined;
}

const emulatedNote = ({ url, isEmbedded }: Emulated): string =>
  isEmbedded
    ? "emulated: no video is generated and nothing is paid; time runs 30 times as fast, and its tasks end with this command"
    : `emulated by ${url}: no video is generated and nothing is paid`;

/** What to say when no vendor can be asked. `command` is the one that was given. */
export function missingKey(vendors: readonly string[], { config }: Settings, command: string): UsageError {
  const names = vendors.map(keyEnv);
  return new UsageError(`there is no API key for ${vendors.join(", ")}`, [
    `Set ${names.join(" or ")} in the environment, or "keys" in ${config.path} (for you alone: chmod 600).`,
    `To try it without a key, at no cost: ${command} --emulate`,
  ]);
}
