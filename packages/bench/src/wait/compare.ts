// Polls and lag of waits of vidtask beside fixed schedules: where the documented time is right, and where it is not.
import { cases } from "./durations.ts";
import { every, measure, ours, type Point } from "./schedules.ts";

/** The seed of the guide's figures. */
export const PLOTTED = 1;

export type Row = { name: string; points: { readonly [schedule: string]: Point } };

/** Tasks that take as long as their vendor's pages say. */
export const asDocumented = (seed: number): Row[] =>
  cases(seed).map(({ name, timing, ends, advised }) => ({
    name,
    points: {
      "every 5 s": measure(every(5_000), ends),
      "every 10 s": measure(every(10_000), ends),
      ...(advised && { "as documented": measure(every(advised.interval, advised.first), ends) }),
      vidtask: measure(ours(timing), ends),
    },
  }));

/** How long the tasks of the second table really take, in s; the documented time is 50 to 70 s. */
export const TRUE_SECONDS = [10, 20, 35, 60, 90, 120, 180, 400] as const;
const DOCUMENTED = { minMs: 50_000, maxMs: 70_000 };

/** Tasks that take another time, 5 % more or less, before and after five such ends were seen. */
export const whenWrong = (): Row[] =>
  TRUE_SECONDS.map((seconds) => {
    const ends = around(seconds, 400);
    return {
      name: `${seconds} s`,
      points: {
        "every 5 s": measure(every(5_000), ends),
        "as documented": measure(every(5_000, 50_000), ends),
        vidtask: measure(ours(DOCUMENTED), ends),
        "after five ends": measure(ours(DOCUMENTED, around(seconds, 5)), ends),
      },
    };
  });

const around = (seconds: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => 1000 * seconds * (0.95 + (0.1 * (index + 0.5)) / count));

/** What the guide promises of a wait that has learned nothing: a mean lag of at most 5 s, or a tenth of the duration. */
export const late = (rows: readonly Row[]): string[] =>
  rows.flatMap(({ name, points: { vidtask } }) => {
    const limitMs = Math.max(5_000, 100 * Number.parseFloat(name));
    return vidtask && vidtask.lagMs > limitMs ? [`${name}: ${Math.round(vidtask.lagMs)} ms`] : [];
  });
