// How long a generation takes, by the pages and by one week of a vendor's own client.
import { createAPIModels, createApixo } from "vidtask";
import { timingOf, type Timing } from "../../../core/src/vendor-spec/models.ts";
import { seeded } from "../random.ts";

export type Case = {
  name: string;
  timing: Timing;
  /** Durations in ms, drawn by seed, none above the wait's own limit. */
  ends: readonly number[];
  /** What the vendor's page advises, in ms. */
  advised?: { first: number; interval: number };
};

const TASKS = 4_000;
const LIMIT = 20 * 60_000;
/** The 90 % quantile of the standard normal distribution. */
const Z90 = 1.281_551_6;

export function cases(seed: number): Case[] {
  const random = seeded(seed);
  const apixo = createApixo().models;
  const draw = (timing: Timing): number[] => {
    const spread = "p50Ms" in timing ? Math.log(timing.p90Ms / timing.p50Ms) / Z90 : 0;
    const one = () =>
      "minMs" in timing
        ? timing.minMs + random.next() * (timing.maxMs - timing.minMs)
        : timing.p50Ms * Math.exp(spread * normal(random.next));
    const ends: number[] = [];
    while (ends.length < TASKS) {
      const end = one();
      if (end <= LIMIT) ends.push(end);
    }
    return ends;
  };
  const given = [
    { name: "APIXO kling-2-6, 5 s: 50–70 s", row: apixo["kling-2-6"], advised: { first: 50_000, interval: 5_000 } },
    {
      name: "APIXO kling-2-5-turbo-pro, 5 s: 30–45 s",
      row: apixo["kling-2-5-turbo-pro"],
      advised: { first: 30_000, interval: 5_000 },
    },
    { name: "APIModels: p50 142 s, p90 486 s", row: createAPIModels().models["kling-v2-6"] },
  ];
  return given.map(({ row, ...rest }) => {
    const timing = timingOf(row, 5);
    if (!timing) throw new Error(`no documented time for ${rest.name}`);
    return { ...rest, timing, ends: draw(timing) };
  });
}

/** Box and Muller. */
const normal = (next: () => number): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
