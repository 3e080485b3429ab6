// What else is in a process changes nothing of what is paid: a draw of the processes that `npm run test:runtimes` runs in full.
import { seeded } from "@vidtask/bench/random";
import { afterAll, expect, test } from "vitest";
import { openWorld, runSetup } from "./processes/run.ts";
import { groups } from "./processes/setups.ts";

/** The same every time, so that a failure is the change's. */
const SEED = 4;
const OF_EACH = 2;

const node = { binary: process.execPath, major: Number(process.versions.node.split(".")[0]) };
const world = await openWorld("");
afterAll(world.close);

const random = seeded(SEED);
const drawn = groups.flatMap((group) => {
  const all = group.filter(({ isLong, runsOn }) => !isLong && (runsOn?.(node.major) ?? true));
  return Array.from({ length: Math.min(OF_EACH, all.length) }, () => all.splice(random.below(all.length), 1)).flat();
});

test.concurrent.for(drawn)("$name", async (setup, { expect: check }) => {
  const cells = await runSetup(node, setup, world);
  check(cells.length).toBeGreaterThan(0);
  check(cells.flatMap(({ outcome, wrong }) => wrong.map((what) => `${outcome}: ${what}`))).toEqual([]);
});

test("there are enough of them", () => expect(drawn.length).toBeGreaterThan(10));
