// A batch over three vendors with faults, killed and started again.
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import type { RowLine } from "../output/lines.ts";
import { linesOf, start, until, vidtask, world } from "./program.ts";

const VENDORS = ["apixo", "aivideoapi", "apimodels"];

export const resultsIn = (folder: string): RowLine[] =>
  linesOf(readFileSync(join(folder, "results.jsonl"), "utf8")) as RowLine[];

const videosIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".mp4")) : [];

const rowOf = (index: number, words: string): string => {
  const vendor = VENDORS[index % 3];
  const image = vendor === "aivideoapi" ? "https://example.com/cat.png" : "";
  return `r${index},a waterfall ${index}${words},${vendor},${image}`;
};

/** Rows over three vendors; the answers of the first `lost` ones are lost. */
export const csv = (count: number, lost = 0): string =>
  [
    "id,prompt,vendor,image",
    ...Array.from({ length: count }, (_, index) => rowOf(index, index < lost ? " [fault:reset-after-accept]" : "")),
    "",
  ].join("\n");

type Child = { kill(signal: NodeJS.Signals): boolean };

/** Stops the process, and kills it if no row of its journal is on its way; else it goes on for a moment. */
async function killBetweenSubmits(child: Child, journal: string): Promise<void> {
  await until(() => {
    child.kill("SIGSTOP");
    if (onTheirWay(journal) === 0) return child.kill("SIGKILL");
    child.kill("SIGCONT");
    return false;
  });
}

/**
 * Counts the rows that the next process finds on their way. A commit that the disk has not confirmed is in the log, but readers do not see
 * it; a crash makes it one like any other. So this opens a copy, as after a crash.
 */
function onTheirWay(journal: string): number {
  const copy = `${journal}.stopped`;
  for (const part of ["", "-wal"]) copyFileSync(journal + part, copy + part);
  const db = new DatabaseSync(copy);
  const row = db.prepare("SELECT count(*) AS n FROM submits WHERE state IN ('begun', 'sending')").get();
  db.close();
  return Number(row?.["n"]);
}

/**
 * Runs a batch, kills it when so many videos are there, runs it again to its end, and settles what is unknown as a person
 * does: with the task that the vendor has. Then every row has its file, its charge and its line.
 */
export async function killedTwice(how: {
  rows: number;
  concurrency: number;
  kills: number[];
  taskMs: number;
  lost?: number;
}) {
  const { rows, concurrency, kills, taskMs, lost = 0 } = how;
  const { cwd, emulator, server, emulate, quick } = await world({
    taskMs,
    credits: 1_000,
    faults: { submit: { "429": 0.1 }, poll: { "503": 0.1, "html-200": 0.05 }, download: { cut: 0.2 } },
  });
  writeFileSync(join(cwd, "night.csv"), csv(rows, lost));
  const words = ["batch", "night.csv", "--concurrency", String(concurrency), ...quick, "--json"];
  const folder = join(cwd, "night");
  const emulated = join(cwd, "emulated");
  for (const saved of kills) {
    const { child, err, ended } = start(words, { cwd });
    await until(() => videosIn(folder).length >= saved, err);
    await killBetweenSubmits(child, join(emulated, readdirSync(emulated).find((file) => file.endsWith(".db")) ?? ""));
    await ended;
  }
  if (lost > 0) {
    expect((await vidtask(words, { cwd })).code).toBe(4);
    for (const { id, key, state } of resultsIn(folder)) {
      if (state !== "unknown") continue;
      const query = new URLSearchParams({ q: `waterfall ${id.slice(1)} [` });
      const answer = await fetch(`${server.url}/_emulator/tasks?${query}`);
      const { tasks } = (await answer.json()) as { tasks: { id: string; vendor: string; model: string }[] };
      const [task] = tasks;
      // The faults of polls hit it, too: it has exit code 5 then, and a person does it again.
      const settle = ["settle", key, `${task?.vendor}:${task?.model}:${task?.id}`, emulate];
      let settled = await vidtask(settle, { cwd });
      while (settled.code === 5) settled = await vidtask(settle, { cwd });
      expect(settled.code).toBe(0);
    }
  }
  const { code, lines } = await vidtask(words, { cwd });
  expect(lines.at(-1)).toMatchObject({ type: "summary", states: { saved: rows } });
  expect(code).toBe(0);
  expect(videosIn(folder)).toHaveLength(rows);
  expect(emulator.ledger.filter(({ kind }) => kind === "charge")).toHaveLength(rows);
  const ids = Array.from({ length: rows }, (_, index) => `r${index}`);
  expect(
    resultsIn(folder)
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(ids.toSorted());
}
