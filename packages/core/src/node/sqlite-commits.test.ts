// Several writes in one commit: each is told of its own fate, and only when it is on the disk.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { errorOf } from "../testing/vendor-suite.ts";
import { shareCommits } from "./sqlite-commits.ts";

const root = mkdtempSync(join(tmpdir(), "vidtask-commits-"));
let files = 0;
afterAll(() => rmSync(root, { recursive: true }));

/** A database whose table takes each number once, and the statements it was given. */
function numbers({ before = () => {}, failsAt = "", patience = 5_000 } = {}) {
  const statements: string[] = [];
  class Watched extends DatabaseSync {
    override exec(sql: string) {
      statements.push(sql);
      if (sql === failsAt && statements.filter((one) => one === sql).length === 1) {
        if (sql === "COMMIT") super.exec("ROLLBACK");
        throw new Error("the disk is full");
      }
      super.exec(sql);
    }
  }
  const path = join(root, `${files++}.db`);
  const db = new Watched(path);
  db.exec("CREATE TABLE numbers (n INTEGER UNIQUE)");
  const reader = new DatabaseSync(path);
  const written = () =>
    reader
      .prepare("SELECT n FROM numbers ORDER BY n")
      .all()
      .map(({ n }) => Number(n));
  const commits = shareCommits(db, before, patience);
  const add = (n: number, prepare?: () => void) =>
    commits.add(() => {
      db.prepare("INSERT INTO numbers VALUES (?)").run(n);
      return n;
    }, prepare);
  statements.length = 0;
  return { path, commits, add, written, count: (sql: string) => statements.filter((one) => one === sql).length };
}
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

test("writes of one turn share a commit, and one that comes alone has its own", async () => {
  const { add, count, written } = numbers();
  expect(await Promise.all(upTo(10).map((n) => add(n)))).toEqual(upTo(10));
  expect(count("COMMIT")).toBe(1);
  await add(10);
  expect([count("COMMIT"), count("SAVEPOINT one")]).toEqual([2, 10]);
  expect(written()).toEqual(upTo(11));
});

test("a commit takes 64 at most", async () => {
  const { add, count } = numbers();
  await Promise.all(upTo(65).map((n) => add(n)));
  expect(count("COMMIT")).toBe(2);
});

test("a write is told when another connection can read it, and not before", async () => {
  const { add, written } = numbers();
  const seen = await Promise.all(upTo(3).map(async (n) => (await add(n), written().includes(n))));
  expect(seen).toEqual([true, true, true]);
});

test("a write that fails is the only one", async () => {
  const { add, written } = numbers();
  const [first, again, second] = await Promise.allSettled([add(1), add(1), add(2)]);
  expect([first.status, again.status, second.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(written()).toEqual([1, 2]);
});

test.each(["COMMIT", "BEGIN IMMEDIATE"])("where %s fails for several, each is written alone", async (failsAt) => {
  const { add, written, count } = numbers({ failsAt });
  expect(await Promise.all(upTo(3).map((n) => add(n)))).toEqual(upTo(3));
  expect(written()).toEqual(upTo(3));
  expect(count("COMMIT")).toBeGreaterThanOrEqual(3);
});

test("a preparation runs once, before the commit, and where it fails the others are written all the same", async () => {
  const { add, written } = numbers();
  let runs = 0;
  const prepare = () => void runs++;
  const broken = () => {
    throw new Error("no room");
  };
  const [a, b, c] = await Promise.allSettled([add(1, prepare), add(2, broken), add(3, prepare)]);
  expect([a.status, b.status, c.status, runs]).toEqual(["fulfilled", "rejected", "fulfilled", 1]);
  expect(written()).toEqual([1, 3]);
});

test("where what runs before a commit throws, nothing is written, and everyone is told", async () => {
  const before = () => {
    throw new Error("replaced");
  };
  const { add, written } = numbers({ before });
  const prepared: number[] = [];
  const told = await Promise.all([add(1), add(2, () => prepared.push(2))].map(errorOf));
  expect(told.map(String)).toEqual(["Error: replaced", "Error: replaced"]);
  expect([written(), prepared]).toEqual([[], []]);
});

test("what waits is written at once when asked for, also more than one commit takes", async () => {
  const { add, written, commits } = numbers();
  const adding = Promise.all(upTo(70).map((n) => add(n)));
  commits.flush();
  expect(written()).toEqual(upTo(70));
  await adding;
});

/** Another process's write, until it is released. */
function writing(path: string): { release(): void } {
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  return { release: () => (other.exec("ROLLBACK"), other.close()) };
}

test("a write that meets another process's waits for it, with those that come meanwhile, and the event loop goes on", async () => {
  const { path, add, written, count } = numbers();
  const other = writing(path);
  const first = add(1);
  while (count("BEGIN IMMEDIATE") < 3) await turn();
  const second = add(2);
  expect(written()).toEqual([]);
  other.release();
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(count("COMMIT")).toBe(1);
});

test("one that has waited long enough is refused, and one that came later waits on", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => void vi.restoreAllMocks());
  const { path, add, written, count } = numbers({ patience: 60 });
  const tried = async (times: number) => {
    while (count("BEGIN IMMEDIATE") < times) await turn();
  };
  const other = writing(path);
  const first = errorOf(add(1));
  await tried(1);
  now = 40;
  const second = add(2);
  await tried(3);
  now = 60;
  expect(String(await first)).toContain("locked");
  other.release();
  expect(await second).toBe(2);
  expect(written()).toEqual([2]);
});

test("what waits when the file is closed is written before, or refused", async () => {
  const { path, add, commits, written } = numbers();
  const other = writing(path);
  const waits = add(1);
  await turn();
  other.release();
  commits.flush();
  expect(await waits).toBe(1);
  expect(written()).toEqual([1]);
});
