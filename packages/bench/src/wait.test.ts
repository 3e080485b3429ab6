// What the guide and its plot say is what the bench computes, and what the bench computes is what a wait does.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { expect, test } from "vitest";
import { vendors } from "./vendors.ts";
import { compare, lost, PLOTTED } from "./wait/compare.ts";
import { plot } from "./wait/plot.ts";
import { laid, type Point } from "./wait/schedules.ts";

const compared = compare(PLOTTED);
const packages = join(import.meta.dirname, "../..");
const seconds = ({ lagMs }: Point) => `${(lagMs / 1000).toFixed(1)} s`;
const figures = (point: Point | undefined) => (point ? `${point.polls.toFixed(1)} / ${seconds(point)}` : "none");

test("no other schedule is as early with as few polls", () => {
  expect(compared.map(({ pairs }) => pairs.length)).toEqual([7, 7, 6]);
  expect(lost(compared)).toEqual([]);
});

test("the guide has the figures of `npm run bench wait`", async () => {
  const guide = await readFile(join(packages, "docs/guides/polling.md"), "utf8");
  const rows = guide.split("\n").filter((line) => /^\| (APIXO|APIModels)\b.*\d s \|/.test(line));
  const told = rows.map((line) =>
    line
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim()),
  );
  const computed = compared.map(({ chosen, rivals, pairs }) => {
    const other = (name: string) => pairs.find((pair) => pair.other.name.startsWith(name))?.other;
    const rival = rivals.toSorted((a, b) => a.lagMs - b.lagMs)[0] as Point;
    return [
      ...["every 5 s", "every 10 s", "as documented"].map((name) => figures(other(name))),
      figures(chosen),
      seconds(rival),
    ];
  });
  expect(told).toEqual(computed);
});

test("polling.svg is what `pnpm bench wait` draws", async () => {
  expect(await readFile(join(packages, "bench/polling.svg"), "utf8")).toBe(plot(compared));
});

test.each([
  { vendor: "apixo", model: "kling-2-6", row: 0 },
  { vendor: "apixo", model: "kling-2-5-turbo-pro", row: 1 },
  { vendor: "apimodels", model: "kling-v2-6", row: 2 },
] as const)("a wait for $model asks when the bench says", async ({ vendor, model, row }) => {
  const emulator = createEmulator({ clock: "manual" });
  const given = emulator.for(vendor);
  const asked: number[] = [];
  const client = vendors[vendor].create({
    ...given,
    fetch: (input, init) => {
      asked.push(given.clock.now());
      return given.fetch(input, init);
    },
  });
  const task = await client.submit({ model, prompt: "a waterfall", duration: 5 });
  emulator.injectFault({ on: "poll", kind: "stuck" });
  await emulator.clock.until(client.wait(task, { waitTimeout: 600_000 }).catch(() => {}));
  const ages = asked.slice(1, -1).map((at) => at - Date.parse(task.submittedAt ?? "")); // the last one is the deadline's
  const { timing } = compared[row] as (typeof compared)[number];
  expect(ages.length).toBeGreaterThan(20);
  expect(ages).toEqual(laid(timing, ages.at(-1) ?? 0));
});
