// One journal, several processes, some of them killed.
import { execFile, fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import type { JournalEntry } from "../journal/journal.ts";
import { collect } from "../testing/journal-suite.ts";
import { sqliteJournal } from "./sqlite-journal.ts";

const root = mkdtempSync(join(tmpdir(), "vidtask-processes-"));
const children: ChildProcess[] = [];
let files = 0;
const newPath = () => join(root, `${files++}`, "journal.db");
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true });
});

type Child = { process: ChildProcess; said: string[]; ready: Promise<void>; ended: Promise<void> };
function start(path: string, job: "own" | "same", name: string, count: number, onSaid?: (child: Child) => void): Child {
  const child = fork(join(import.meta.dirname, "test/sqlite-child.ts"), [path, job, name, `${count}`], {
    execArgv: [],
  });
  children.push(child);
  const said: string[] = [];
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const ready = new Promise<void>((resolve) => child.once("message", () => resolve()));
  const handle: Child = { process: child, said, ready, ended };
  void ready.then(() => {
    child.on("message", (text) => {
      said.push(String(text));
      onSaid?.(handle);
    });
  });
  return handle;
}
async function run(all: readonly Child[]): Promise<void> {
  await Promise.all(all.map(({ ready }) => ready));
  for (const { process: child } of all) child.send("go");
  await Promise.all(all.map(({ ended }) => ended));
}
async function rowsOf(path: string): Promise<JournalEntry[]> {
  const journal = sqliteJournal(path);
  const rows = await collect(journal.list());
  journal.close();
  return rows;
}

test("four processes on one file: no lock is an error, no row and no update is lost", async () => {
  const path = newPath();
  const names = ["a", "b", "c", "d"];
  const all = names.map((name) => start(path, "own", name, 300));
  await run(all);
  expect(all.map(({ said }) => said)).toEqual(names.map(() => ["done"]));
  const rows = await rowsOf(path);
  const own = rows.filter(({ key }) => key !== "shared");
  expect(own.length).toBe(1200);
  expect(own.filter(({ state, version, owner }) => state !== "accepted" || version !== 2 || !owner)).toEqual([]);
  expect(rows.find(({ key }) => key === "shared")).toMatchObject({ priceUsd: 120, version: 121 });
});

test("two processes with the same keys: each key is begun once", async () => {
  const path = newPath();
  const all = ["a", "b"].map((name) => start(path, "same", name, 200));
  await run(all);
  expect(all.map(({ said }) => said.at(-1))).toEqual(["done", "done"]);
  const begun = all.flatMap(({ said }) => said.slice(0, -1));
  expect(begun.toSorted()).toEqual(Array.from({ length: 200 }, (_, index) => `k${index}`).toSorted());
  for (const row of await rowsOf(path)) {
    const [owner] = all.flatMap(({ said }, index) => (said.includes(row.key) ? [["a", "b"][index]] : []));
    expect(row.owner).toBe(owner);
    expect(row.version).toBe(2);
  }
});

test("a process killed while it writes loses nothing it was told is written, and leaves no half row", async () => {
  const path = newPath();
  const acknowledged: string[] = [];
  for (const after of [1, 9, 40, 90]) {
    const child = start(path, "same", `${after}`, 1_000_000, ({ said, process: killed }) => {
      if (said.length === after) killed.kill("SIGKILL");
    });
    await run([child]);
    expect(child.said.length).toBeGreaterThanOrEqual(after);
    acknowledged.push(...child.said);

    const journal = sqliteJournal(path); // first: it recovers the log
    const db = new DatabaseSync(path, { readOnly: true });
    expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    const columns = db.prepare("SELECT key, version, state, ref_id, entry FROM submits ORDER BY id").all();
    db.close();
    const rows = await collect(journal.list());
    journal.close();
    expect(columns).toEqual(
      rows.map((row) => ({
        key: row.key,
        version: row.version,
        state: row.state,
        ref_id: row.ref?.id ?? null,
        entry: JSON.stringify(row),
      })),
    );
    const whole = new Set(rows.filter(({ state, ref }) => state === "accepted" && ref).map(({ key }) => key));
    expect(acknowledged.filter((key) => !whole.has(key))).toEqual([]);
    // At most one row per kill is between its two writes.
    expect(rows.filter(({ state }) => state === "begun").length).toBeLessThanOrEqual(4);
  }
});

test("node:sqlite is loaded with the first journal, not with the module", async () => {
  const path = newPath();
  const program = `
    const isLoaded = () => process.moduleLoadList.includes("NativeModule sqlite");
    const { sqliteJournal } = await import(${JSON.stringify(join(import.meta.dirname, "index.ts"))});
    const before = isLoaded();
    sqliteJournal(${JSON.stringify(path)}).close();
    console.log(before, isLoaded());`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  expect(stdout).toBe("false true\n");
});
