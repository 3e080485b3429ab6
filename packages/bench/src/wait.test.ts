// What the guide and its plot say is what the bench computes, and what the bench computes is what a wait does.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { expect, test } from "vitest";
import { phaseOf } from "../../core/src/poll/phase.ts";
import { vendors } from "./vendors.ts";
import { shown } from "./wait.ts";
import { asDocumented, late, PLOTTED, whenWrong, type Row } from "./wait/compare.ts";
import { cases } from "./wait/durations.ts";
import { plot } from "./wait/plot.ts";
import { ours } from "./wait/schedules.ts";

const packages = join(import.meta.dirname, "../..");
const wrong = whenWrong();

test("no true duration makes a wait later than the guide promises", () => {
  expect(late(wrong)).toEqual([]);
});

/** The cells of the guide's table whose first column begins so, without that column. */
async function table(first: RegExp): Promise<string[][]> {
  const guide = await readFile(join(packages, "docs/guides/polling.md"), "utf8");
  const rows = guide.split("\n").filter((line) => first.test(line));
  return rows.map((line) =>
    line
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim()),
  );
}
const cells = (rows: readonly Row[], ...schedules: string[]) =>
  rows.map(({ points }) => schedules.map((name) => shown(points[name])));

test("the guide has the figures of tasks that take as long as documented", async () => {
  const told = await table(/^\| (APIXO|APIModels)\b.*\d s \|/);
  expect(told).toEqual(cells(asDocumented(PLOTTED), "every 5 s", "every 10 s", "as documented", "vidtask"));
});

test("the guide has the figures of tasks that take another time", async () => {
  const told = await table(/^\| \d+ s \|/);
  expect(told).toEqual(cells(wrong, "every 5 s", "as documented", "vidtask", "after five ends"));
});

test("polling.svg is what `npm run bench wait` draws", async () => {
  expect(await readFile(join(packages, "bench/polling.svg"), "utf8")).toBe(plot(wrong));
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
  const next = ours(cases(PLOTTED)[row]?.timing ?? { minMs: 0, maxMs: 0 });
  expect(ages.length).toBeGreaterThan(20);
  expect(ages).toEqual(ages.map((_, index) => next(ages[index - 1] ?? 0, phaseOf(task.id))));
});
