// When a client sees the end of a task, and how often it has asked until then, by how long the task really takes. Virtual time,
// and a `fetch` that answers at once: a figure is what the schedule does, and nothing else.
import type { Form, Peer } from "../peer.ts";
import { formsOf, OURS, type FormName } from "../peers.ts";
import { fetchOf } from "../server.ts";
import { createVendor } from "../vendor.ts";
import { virtualTime } from "../virtual-time.ts";

/** Documented are 50 to 70 s for the model that is asked of our vendor. The others' clients know no documented times. */
export const TRUE_SECONDS = [10, 20, 35, 60, 90, 120, 180, 400] as const;
const LEARNED = 5;
/** Spreads the draws evenly, in step with no interval. */
const GOLDEN = 0.618_034;
const LIMIT = 3_600_000;

export type Lag = {
  readonly form: FormName | "after five ends";
  readonly rows: {
    readonly seconds: number;
    readonly polls: number;
    readonly lagMs: number;
    readonly worstMs: number;
  }[];
}[];

type Case = { form: Lag[number]["form"]; how: Form; learns: number };

/** `draws` tasks of each duration, 5 % more or less. */
export async function lag(peer: Peer, library: unknown, { draws }: { draws: number }): Promise<Lag> {
  const clock = virtualTime(() => 0, false);
  const baseUrl = "http://vendor.test";
  const { dialect } = peer;
  let vendor = createVendor({ dialect, now: clock.now, baseUrl: () => baseUrl, taskMs: 0 });
  const fetch: typeof globalThis.fetch = (...args) => fetchOf(vendor)(...args);

  let count = 0;
  const live = async (call: ReturnType<Form["client"]>, taskMs: number) => {
    vendor = createVendor({ dialect, now: clock.now, sleep: clock.sleep, baseUrl: () => baseUrl, taskMs });
    await clock.until(call({ key: `row-${count++}`, onId() {} }), LIMIT);
    return { polls: vendor.seen.pollsAt.length, lagMs: clock.now() - (vendor.endsAt() ?? clock.now()) };
  };

  const cases: Case[] = formsOf(peer).map(([form, how]) => ({ form, how, learns: 0 }));
  if (peer.name === OURS) cases.push({ form: "after five ends", how: peer.quickStart, learns: LEARNED });
  const all: Lag[number][] = [];
  for (const { form, how, learns } of cases) {
    const rows: Lag[number]["rows"] = [];
    for (const seconds of TRUE_SECONDS) {
      const found: { polls: number; lagMs: number }[] = [];
      for (const taskMs of around(seconds, draws)) {
        const call = how.client(library, { baseUrl, fetch });
        for (const ended of around(seconds, learns)) await live(call, ended);
        found.push(await live(call, taskMs));
      }
      const mean = (of: "polls" | "lagMs") => found.reduce((sum, one) => sum + one[of], 0) / found.length;
      const worstMs = Math.round(Math.max(...found.map((one) => one.lagMs)));
      rows.push({ seconds, polls: Number(mean("polls").toFixed(1)), lagMs: Math.round(mean("lagMs")), worstMs });
    }
    all.push({ form, rows });
  }
  return all;
}

const around = (seconds: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.round(1000 * seconds * (0.95 + 0.1 * ((index * GOLDEN) % 1))));
