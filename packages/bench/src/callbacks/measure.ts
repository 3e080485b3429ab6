// Tasks with callbacks, tasks without, and tasks whose answers were lost: what is told of their ends, how often, how late.
import type { SucceededTask } from "vidtask";
import { seeded } from "../random.ts";
import { requestOf, type VendorName } from "../vendors.ts";
import { createSimulation, type Process, type Simulation } from "./simulation.ts";

/** Of the callbacks; the rest arrives as documented. */
export const RATES = { lost: 0.2, duplicate: 0.2, late: 0.2, reordered: 0.2 };
/** Submits come ten at a time, one a second on average. */
const TOGETHER = 10;
const APART_MS = 10_000;
const HOUR = 3_600_000;

export type Counts = {
  /** Tasks whose end the program learned of, from a callback, a wait or `resume`. */
  heard: number;
  /** By how often `onTask` was called. */
  never: number;
  once: number;
  more: number;
};
export type Waited = { polls: number; lagMs: number };

type Reports = { onTask: Map<string, number>; heard: Set<string> };
const noReports = (): Reports => ({ onTask: new Map(), heard: new Set() });
const report = ({ onTask, heard }: Reports, key: string) => {
  heard.add(key);
  onTask.set(key, (onTask.get(key) ?? 0) + 1);
};

const keysOf = (tasks: number) => Array.from({ length: tasks }, (_, index) => `row-${index}`);

function countsOf({ onTask, heard }: Reports, keys: readonly string[]): Counts {
  const calls = keys.map((key) => onTask.get(key) ?? 0);
  const withCalls = (isSo: (count: number) => boolean) => calls.filter(isSo).length;
  return {
    heard: heard.size,
    never: withCalls((count) => count === 0),
    once: withCalls((count) => count === 1),
    more: withCalls((count) => count > 1),
  };
}

/** Begins `work` for every key, a few at a time, and resolves with what came of it. */
async function spread<T>({ emulator }: Simulation, keys: readonly string[], work: (key: string) => Promise<T>) {
  const all: Promise<T>[] = [];
  for (const [index, key] of keys.entries()) {
    if (index > 0 && index % TOGETHER === 0) await emulator.clock.sleep(APART_MS);
    all.push(work(key));
  }
  return Promise.all(all);
}

/** Every task is waited for: polled as documented, with or without callbacks, or rarely, because callbacks come. */
export async function waitForAll(vendor: VendorName, tasks: number, seed: number, { hasCallbacks = true, poll = {} }) {
  const simulation = createSimulation(vendor, seed, RATES);
  const { emulator } = simulation;
  const reports = noReports();
  const { client } = simulation.start(
    hasCallbacks ? (_task, { idempotencyKey: key }) => report(reports, key) : undefined,
  );
  let lagMs = 0;
  const one = async (key: string) => {
    const task = await client.submit(requestOf(vendor, key), { idempotencyKey: key });
    const done = await client.wait(task, { poll });
    reports.heard.add(key);
    lagMs += lagOf(done, emulator.clock.now());
  };
  await emulator.clock.until(spread(simulation, keysOf(tasks), one));
  const polls = simulation.polls() / tasks;
  await emulator.clock.advance(HOUR); // what comes late comes now
  const waited: Waited = { polls, lagMs: lagMs / tasks };
  return { waited, counts: countsOf(reports, keysOf(tasks)), lost: lostOf(simulation), charges: simulation.charges() };
}

const lagOf = ({ completedAt }: SucceededTask, now: number): number => now - Date.parse(completedAt ?? "");

/**
 * Nothing waits: ends come to `onTask`, and what is open in the end is resumed. One call of `onTask` in fifty ends with
 * the death of its process, and another process takes over.
 */
export async function crashInOnTask(vendor: VendorName, tasks: number, seed: number) {
  const simulation = createSimulation(vendor, seed, RATES);
  const { emulator, journal } = simulation;
  const random = seeded(seed);
  const reports = noReports();
  const crashed: string[] = [];
  let process: Process = begin();
  function begin(): Process {
    return simulation.start((_task, { idempotencyKey: key }) => {
      report(reports, key);
      if (!random.chance(0.02)) return undefined;
      crashed.push(key);
      process.kill();
      process = begin();
      return new Promise(() => {});
    });
  }
  const one = async (key: string) => {
    const { client, died } = process;
    await Promise.race([client.submit(requestOf(vendor, key), { idempotencyKey: key }), died]).catch(() => {});
  };
  await emulator.clock.until(spread(simulation, keysOf(tasks), one));
  await emulator.clock.advance(2 * HOUR);
  const resume = async () => {
    for await (const item of process.client.resume()) if ("task" in item) reports.heard.add(item.idempotencyKey);
  };
  await emulator.clock.until(resume());
  const hit = new Set(crashed); // one may be hit twice
  const again = [...hit].filter((key) => (reports.onTask.get(key) ?? 0) > 1).length;
  const counts = countsOf(reports, keysOf(tasks));
  return {
    counts,
    lost: lostOf(simulation),
    crashes: crashed.length,
    hit: hit.size,
    again,
    open: await openRows(journal),
  };
}

/** Every submit is accepted and charged, and its answer is lost. Nothing but its callback can tell of it. */
export async function loseAnswers(vendor: VendorName, tasks: number, seed: number) {
  const simulation = createSimulation(vendor, seed);
  const { emulator, journal } = simulation;
  const reports = noReports();
  const { client } = simulation.start((_task, { idempotencyKey: key }) => report(reports, key));
  emulator.injectFault({ on: "submit", kind: "reset-after-accept", times: tasks });
  const keys = keysOf(tasks);
  const submit = (key: string) => client.submit(requestOf(vendor, key), { idempotencyKey: key });
  const unknown = (key: string) =>
    submit(key).then(
      () => false,
      (error: { code?: string }) => error.code === "submit_unknown",
    );
  const unanswered = (await emulator.clock.until(spread(simulation, keys, unknown))).filter(Boolean).length;
  await emulator.clock.advance(HOUR);
  const recovered = new Set<string>();
  for (const key of keys)
    await submit(key).then(
      ({ id }) => recovered.add(id),
      () => {},
    );
  return {
    unanswered,
    recovered: recovered.size,
    counts: countsOf(reports, keys),
    charges: simulation.charges(),
    open: await openRows(journal),
  };
}

async function openRows(journal: Simulation["journal"]): Promise<number> {
  let open = 0;
  for await (const _ of journal.list({ state: ["begun", "sending", "accepted", "unknown"] })) open++;
  return open;
}

/** Tasks whose callback never came. */
const lostOf = ({ emulator }: Simulation): number => emulator.callbacks.filter(({ fault }) => fault === "lost").length;
