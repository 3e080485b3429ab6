// A vendor that calls back, in virtual time, and processes over one journal that may die in the middle of anything.
import { createEmulator, type Emulator } from "@vidtask/emulator";
import {
  createReceiver,
  memoryJournal,
  type Clock,
  type FailedTask,
  type Journal,
  type SucceededTask,
  type VideoClient,
} from "vidtask";
import { vendors, type VendorName } from "../vendors.ts";

type OnTask = (task: SucceededTask | FailedTask, about: { idempotencyKey: string }) => unknown;

export type Process = {
  client: VideoClient;
  /** Nothing of it goes on: no timer, no request, no write. */
  kill(): void;
  /** Rejects when it is killed. */
  readonly died: Promise<never>;
};

export type Simulation = {
  emulator: Emulator;
  journal: Journal;
  /** A process that takes the callbacks from now on; without `onTask` it has none, and no submit names a URL. */
  start(onTask?: OnTask): Process;
  /** Requests for a task's state. */
  polls(): number;
  charges(): number;
};

const callback = { url: "https://app.example/callback", secret: "0123456789abcdef0123456789abcdef" };
const NOT_SERVING = 503;

export function createSimulation(vendor: VendorName, seed: number, rates: Record<string, number> = {}): Simulation {
  let deliver: (request: Request) => Promise<Response> = async () => new Response(null, { status: NOT_SERVING });
  const emulator = createEmulator({
    vendors: [vendor],
    clock: "manual",
    seed,
    credits: 1e9,
    faults: { callback: rates },
    deliverCallback: (request) => deliver(request),
  });
  const journal: Journal = { ...memoryJournal(), durable: true, now: async () => emulator.clock.now() };
  return {
    emulator,
    journal,
    start(onTask) {
      let die = (_: Error) => {};
      const died = new Promise<never>((_, reject) => (die = reject));
      died.catch(() => {});
      const life = { isAlive: true, end: new AbortController() };
      const { clock, fetch, ...given } = emulator.for(vendor);
      const client = vendors[vendor].create({
        ...given,
        clock: clockWhileAlive(clock, life),
        fetch: whileAlive(discardedAfterKill(fetch, life), life),
        journal: journalWhileAlive(journal, life),
        ...(onTask && { callback }),
      });
      if (onTask) {
        const receiver = createReceiver({ clients: [client], onTask });
        deliver = (request) => Promise.race([receiver.fetch(request), died]);
      }
      return {
        client,
        died,
        kill() {
          life.isAlive = false;
          life.end.abort();
          die(Object.assign(new Error("the process died"), { code: "ECONNRESET" }));
        },
      };
    },
    polls: () => emulator.requests.filter(({ method }) => method === "GET").length,
    charges: () => emulator.ledger.filter(({ kind }) => kind === "charge").length,
  };
}

type ProcessLife = { isAlive: boolean; end: AbortController };
const never = new Promise<never>(() => {});

/** After the kill, what the process began never settles. */
const whileAlive =
  <A extends unknown[], T>(work: (...args: A) => Promise<T>, life: ProcessLife) =>
  (...args: A): Promise<T> =>
    life.isAlive
      ? work(...args).then(
          (value) => (life.isAlive ? value : never),
          (error: unknown) => {
            if (life.isAlive) throw error;
            return never;
          },
        )
      : never;

/** The clock waits for answers that are still unread, so those of a killed process are cancelled. */
const discardedAfterKill =
  (send: typeof fetch, life: ProcessLife) =>
  async (...given: Parameters<typeof fetch>): Promise<Response> => {
    const response = await send(...given);
    if (!life.isAlive) await response.body?.cancel();
    return response;
  };

const clockWhileAlive = (clock: Clock, life: ProcessLife): Clock => ({
  now: () => clock.now(),
  elapsed: () => clock.elapsed(),
  sleep: whileAlive(
    (ms: number, signal?: AbortSignal) =>
      clock.sleep(ms, signal ? AbortSignal.any([signal, life.end.signal]) : life.end.signal),
    life,
  ),
});

const journalWhileAlive = (journal: Journal, life: ProcessLife): Journal => ({
  ...journal,
  begin: whileAlive(journal.begin, life),
  update: whileAlive(journal.update, life),
  get: whileAlive(journal.get, life),
  findByTask: whileAlive(journal.findByTask, life),
});
