// A client over a journal that outlives it: the journal may fail, and the client may crash at any moment.
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "@vidtask/bench/random";
import { vendors, type VendorName } from "@vidtask/bench/vendors";
import type { Clock, Journal, VideoClient, VidtaskEvent } from "vidtask";
import { sqliteJournal } from "vidtask/node";
import { REQUEST_TIMEOUT } from "./timeouts.ts";

export type CrashingClient = {
  client: VideoClient;
  /** Resolves at the crash. What the client had begun then goes on without it. */
  crashed: Promise<void>;
  hasCrashed(): boolean;
  /** As a crash: no write of this client reaches the journal from now on. */
  crash(): void;
  /** Ends what still runs, and closes the file. */
  close(): Promise<void>;
};

export type Setting = {
  vendor: VendorName;
  connection: { apiKey: string; baseUrl: string; clock: Clock; fetch?: typeof fetch };
  file: string;
  random: Random;
  /** How often a call of the journal fails. */
  failing: number;
  onEvent(event: VidtaskEvent): void;
  /** The process died before the journal had what it was told of a key. */
  onCutOff(key: string): void;
};

const DRAIN_TIMEOUT = 30_000;

export function startClient(setting: Setting): CrashingClient {
  const { vendor, connection, file, onEvent } = setting;
  const sqlite = sqliteJournal(file);
  let hasCrashed = false;
  let end = () => {};
  const crashed = new Promise<void>((resolve) => (end = resolve));
  const journal = faulty(sqlite, setting, () => hasCrashed);
  const client = vendors[vendor].create({ ...connection, journal, onEvent, requestTimeout: REQUEST_TIMEOUT });
  return {
    client,
    crashed,
    hasCrashed: () => hasCrashed,
    crash() {
      hasCrashed = true;
      end();
    },
    async close() {
      await client.drain({ timeout: DRAIN_TIMEOUT });
      sqlite.close();
    },
  };
}

/** The journal, slow or failing now and then, before a write or behind it, where the client cannot tell which. */
export function faulty(
  journal: Journal,
  {
    connection,
    random,
    failing,
    onCutOff,
  }: Pick<Setting, "random" | "failing" | "onCutOff"> & {
    connection: { clock: Clock };
  },
  hasCrashed: () => boolean,
): Journal {
  const attempt = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const fail = (when: string) => {
      if (hasCrashed()) onCutOff(key);
      if (hasCrashed() || random.chance(failing)) throw new Error(`the journal failed ${when}`);
    };
    if (random.chance(0.1)) await sleep(random.below(5));
    fail("before the call");
    const result = await work();
    fail("behind the call");
    return result;
  };
  return {
    durable: true,
    now: async () => connection.clock.now(),
    begin: (entry) => attempt(entry.key, () => journal.begin(entry)),
    update: (key, version, patch) => attempt(key, () => journal.update(key, version, patch)),
    get: (key) => attempt(key, () => journal.get(key)),
    findByTask: (ref) => attempt("", () => journal.findByTask(ref)),
    list: (filter) => journal.list(filter),
  };
}
