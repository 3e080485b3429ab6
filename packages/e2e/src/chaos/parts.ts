// The parts of the suite, in their full and in their small size.
import type { Say } from "@vidtask/bench/progress";
import { vendorNames } from "@vidtask/bench/vendors";
import { chaosOfCrowded } from "./crowded.ts";
import { chaosOfKills } from "./kills.ts";
import { chaosOfLost, WAYS, type Way } from "./lost.ts";
import { chaosOfPairs } from "./pairs.ts";
import type { Report } from "./report.ts";
import { chaosOfSubmits } from "./submits.ts";
import { chaosOfWaits } from "./waits.ts";

export type Part = { name: string; run(): Promise<Report> };

const SIZES = {
  full: { keys: 10_000, lost: 10_000, kills: 200, pairs: 400, waits: 1_000 },
  small: { keys: 30, lost: 24, kills: 5, pairs: 8, waits: 40 },
};

export function partsOf(size: keyof typeof SIZES, seed: number, say: Say): Part[] {
  const { keys, lost: lostKeys, kills, pairs, waits } = SIZES[size];
  const submits = (["process", "sockets"] as const).flatMap((over) =>
    vendorNames.map((vendor) => ({
      name: `submits-${vendor}-${over}`,
      run: () => chaosOfSubmits({ vendor, over, keys, seed, say }),
    })),
  );
  const crowded = vendorNames.map((vendor) => ({
    name: `submits-${vendor}-crowded`,
    run: () => chaosOfCrowded({ vendor, keys, seed }, say),
  }));
  const lost = (Object.keys(WAYS) as Way[]).map((way) => ({
    name: `lost-${way}`,
    run: () => chaosOfLost({ way, keys: lostKeys, seed, say }),
  }));
  return [
    ...submits,
    ...lost,
    ...crowded,
    { name: "kills", run: () => chaosOfKills({ kills, seed, say }) },
    { name: "pairs", run: () => chaosOfPairs({ keys: pairs, seed, say }) },
    { name: "waits", run: () => chaosOfWaits({ waits, seed, say }) },
    { name: "waits-greedy", run: () => chaosOfWaits({ waits, seed, say, greedy: true }) },
  ];
}
