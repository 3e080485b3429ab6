import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { JournalError } from "../task/errors.ts";
import { accepted, acmeClient, done, request } from "../test/acme.ts";
import { describeJournal } from "../testing/describe-journal.ts";
import { collect, entry, refTo } from "../testing/journal-suite.ts";
import { errorOf, KEY } from "../testing/vendor-suite.ts";
import { sqliteJournal } from "./sqlite-journal.ts";
import type { SqliteJournalOptions } from "./sqlite-options.ts";

const root = mkdtempSync(join(tmpdir(), "vidtask-journal-"));
const opened: { close(): void }[] = [];
let files = 0;
const newPath = () => join(root, `${files++}`, "journal.db");
function open(path = newPath(), options?: SqliteJournalOptions) {
  const journal = sqliteJournal(path, options);
  opened.push(journal);
  return journal;
}
afterEach(() => vi.restoreAllMocks());
afterAll(() => {
  for (const journal of opened) journal.close();
  rmSync(root, { recursive: true });
});

/** The connections of the journals opened from here on, and every statement that was not a prepared one run again. */
function watchSqlite(options: { readOnly?: boolean; answers?: { [sql: string]: () => unknown } } = {}) {
  const seen: { db?: DatabaseSync; statements: string[] } = { statements: [] };
  class Watched extends DatabaseSync {
    constructor(path: string) {
      super(path, { readOnly: options.readOnly ?? false });
      seen.db = this;
    }
    override exec(sql: string) {
      seen.statements.push(sql);
      super.exec(sql);
    }
    override prepare(sql: string) {
      seen.statements.push(sql);
      const answer = options.answers?.[sql];
      return answer ? ({ get: answer } as never) : super.prepare(sql);
    }
  }
  vi.spyOn(process, "getBuiltinModule").mockReturnValue({ DatabaseSync: Watched } as never);
  return seen;
}
const everythingIn = (path: string) =>
  readdirSync(dirname(path))
    .map((name) => readFileSync(join(dirname(path), name), "latin1"))
    .join("");
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const begin = async (journal: Journal, keys: readonly string[], more: Partial<JournalEntry> = {}) => {
  for (const key of keys) expect(await journal.begin(entry(key, more))).toBeUndefined();
};
const keysOf = async (journal: Journal) => (await collect(journal.list())).map(({ key }) => key);

describe("two handles on one file", () => {
  const path = newPath();
  describeJournal(() => open(path), { test });
});

describe("opening", () => {
  test("the directory it makes, the file and its log are the owner's alone", async () => {
    const path = join(root, "a", "b", "journal.db");
    const journal = open(path);
    await begin(journal, ["k"]);
    expect([join(root, "a"), dirname(path), path, `${path}-wal`, `${path}-shm`].map(mode)).toEqual([
      "700",
      "700",
      "600",
      "600",
      "600",
    ]);
    mkdirSync(join(root, "wide"), { mode: 0o755 });
    open(join(root, "wide", "journal.db"));
    expect(mode(join(root, "wide"))).toBe("755");
  });

  test("a commit is on the disk, deleted bytes are overwritten, and a lock is waited for from the first", () => {
    const seen = watchSqlite();
    open();
    const settings = ["journal_mode", "synchronous", "secure_delete", "busy_timeout", "wal_autocheckpoint"];
    const values = settings.map((name) => Object.values(seen.db?.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    expect(values).toEqual(["wal", 2, 1, 5000, 256]);
    expect(seen.statements[0]).toBe("PRAGMA busy_timeout = 5000");
  });

  test("space to complete what has begun is taken: in the file and in its log", () => {
    const path = newPath();
    open(path);
    for (const file of [path, `${path}-wal`]) expect(statSync(file).size).toBeGreaterThan(4_000_000);
    expect(statSync(path).blocks * 512).toBeGreaterThan(4_000_000);
  });

  test("a relative path means the directory of the moment it was given", async () => {
    const directory = dirname(newPath());
    mkdirSync(directory);
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(directory);
    const journal = open("journal.db");
    cwd.mockRestore();
    await begin(journal, ["k"]);
    expect(await keysOf(open(join(directory, "journal.db")))).toEqual(["k"]);
  });

  test("a switch to WAL that meets another process's is tried again", () => {
    let tries = 0;
    const answer = () => {
      if (++tries < 3) throw Object.assign(new Error("database is locked"), { errcode: 5 });
      return { journal_mode: "wal" };
    };
    watchSqlite({ answers: { "PRAGMA journal_mode = WAL": answer } });
    open();
    expect(tries).toBe(3);
  });

  test("what was written is there after a restart", async () => {
    const path = newPath();
    const journal = sqliteJournal(path);
    await begin(journal, ["a", "b"]);
    journal.close();
    expect(readdirSync(dirname(path))).toEqual(["journal.db"]);
    expect(await keysOf(open(path))).toEqual(["a", "b"]);
  });
});

describe("a file that cannot be a journal is refused with the reason", () => {
  const refusal = (path: string) => {
    try {
      open(path);
    } catch (error) {
      return String(error);
    }
    return "opened";
  };
  const withFile = (content: string | Buffer) => {
    const path = newPath();
    mkdirSync(dirname(path));
    writeFileSync(path, content);
    return path;
  };
  const withTables = (sql: string) => {
    const path = withFile("");
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
    return path;
  };

  test("a directory, or a place under a file", () => {
    expect(refusal(root)).toBe(`Error: the journal ${root}: it is a directory`);
    expect(refusal(join(withFile("x"), "journal.db"))).toMatch(/the journal .*(ENOTDIR|EEXIST)/);
  });

  test("a device, a pipe or a socket, beside which SQLite would leave files", async () => {
    const path = join(root, "socket");
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    await once(server, "listening");
    expect(refusal(path)).toBe(`Error: the journal ${path}: it is no file`);
  });

  test("a text file, and it stays as it was", () => {
    const text = "not a database, ".repeat(1000);
    const path = withFile(text);
    expect(refusal(path)).toContain("it is not a SQLite database");
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("the database of another program, and it stays as it was", () => {
    for (const sql of [
      "CREATE TABLE users (id)",
      "PRAGMA user_version = 1",
      "PRAGMA application_id = 7; CREATE TABLE t (x)",
    ]) {
      const path = withTables(sql);
      const before = readFileSync(path);
      expect(refusal(path)).toContain("it is the database of another program");
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  });

  test.each([
    ["a newer", 3, "it has format 3 and this version knows 2: upgrade"],
    ["an older", 1, "it has format 1, of an unpublished version; this one writes 2: use a new file"],
  ])("a file of %s format", (_, format, reason) => {
    const path = newPath();
    sqliteJournal(path).close();
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA user_version = ${format}`);
    db.close();
    expect(refusal(path)).toContain(reason);
  });

  test("a file that cannot be written: new, used before, in use", () => {
    const [used, inUse] = [newPath(), newPath()];
    sqliteJournal(used).close();
    open(inUse);
    watchSqlite({ readOnly: true });
    for (const path of [used, inUse]) expect(refusal(path)).toContain("it cannot be written");
    expect(refusal(newPath())).toContain("it cannot be written");
  });

  test("a file system without WAL", () => {
    watchSqlite({ answers: { "PRAGMA journal_mode = WAL": () => ({ journal_mode: "delete" }) } });
    expect(refusal(newPath())).toContain(`cannot do WAL (the journal mode stays "delete")`);
  });

  test("a runtime without node:sqlite", () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
    expect(refusal(newPath())).toMatch(/needs node:sqlite, that is Node 22\.13 or newer/);
  });

  test("a damaged file: refused or read as damaged, never as empty, and no row is quoted", async () => {
    const path = newPath();
    const journal = sqliteJournal(path);
    await begin(
      journal,
      Array.from({ length: 200 }, (_, index) => `k${index}`),
    );
    journal.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0x7a, 4096, 40 * 4096));
    expect(refusal(path)).toContain("it is damaged");

    const other = newPath();
    const healthy = open(other);
    await begin(healthy, ["k"]);
    const db = new DatabaseSync(other);
    db.exec(`UPDATE submits SET entry = '{"prompt": "a secret'`);
    db.close();
    for (const error of [await errorOf(healthy.get("k")), await errorOf(healthy.begin(entry("k")))])
      expect(String(error)).toBe(`Error: the journal ${other}: it is damaged (a row is not JSON)`);
  });
});

describe("a row that cannot be used", () => {
  const spoils: [string, string][] = [
    ["no JSON", "a prompt that is secret"],
    ["JSON that was cut", '{"key":"b","request":{"prompt":"a secret'],
    ["null", "null"],
    ["a text", '"a secret"'],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["of another key", JSON.stringify(entry("a"))],
    ["of a state that only a later version knows", JSON.stringify({ ...entry("b"), state: "paused" })],
  ];

  async function spoilt(text: string) {
    const path = newPath();
    const journal = open(path);
    await begin(journal, ["a"], { state: "accepted", ref: refTo("t-a") });
    await begin(journal, ["b"], { state: "accepted", ref: refTo("t-b") });
    await begin(journal, ["c"], { state: "accepted", ref: refTo("t-c") });
    const db = new DatabaseSync(path);
    db.prepare("UPDATE submits SET entry = ? WHERE key = 'b'").run(text);
    db.close();
    return journal;
  }

  test.each(spoils)(
    "%s: a list shows all others, and in its place an error that names its key",
    async (_what, text) => {
      const journal = await spoilt(text);
      for (const filter of [{}, { state: ["accepted" as const] }]) {
        const rows = await collect(journal.list(filter));
        expect(rows.map(({ key }) => key)).toEqual(["a", "b", "c"]);
        expect(rows.map(({ error }) => error)).toEqual([undefined, expect.stringContaining("key b"), undefined]);
        expect(rows[1]).toMatchObject({ key: "b", vendor: "acme", state: "accepted", version: 1 });
        expect(JSON.stringify(rows)).not.toContain("secret");
      }
    },
  );

  test.each(spoils)("%s: every use of it is an error, and none of another", async (_what, text) => {
    const journal = await spoilt(text);
    const uses = [
      journal.get("b"),
      journal.findByTask(refTo("t-b")),
      journal.begin(entry("b", { version: 9 })),
      journal.update("b", 1, { state: "succeeded" }),
    ];
    for (const use of uses) expect(String(await errorOf(use))).toMatch(/it is damaged \((?!.*secret)/);
    expect(await journal.update("a", 1, { state: "succeeded" })).toMatchObject({ version: 2 });
    expect((await journal.findByTask(refTo("t-c")))?.key).toBe("c");
  });

  test.each(spoils)("%s: resume ends all others", async (_what, text) => {
    const journal = await spoilt(text);
    const items = [];
    for await (const item of acmeClient([done], { journal }).client.resume()) items.push(item);
    items.sort((one, two) => (one.idempotencyKey < two.idempotencyKey ? -1 : 1));
    expect(items).toMatchObject([
      { idempotencyKey: "a", task: { state: "succeeded" } },
      { idempotencyKey: "b", error: { code: "journal", idempotencyKey: "b" } },
      { idempotencyKey: "c", task: { state: "succeeded" } },
    ]);
  });
});

describe("texts that SQLite would make another text", () => {
  test.each([
    ["keys that differ in half a surrogate pair only", "k\ud800", "k\ud801"],
    ["a key with the other half, and one with the replacement character", "k\udc00", "k\ufffd"],
  ])("%s never meet", async (_what, one, two) => {
    const journal = open();
    await journal.begin(entry(one, { owner: "one" })).catch(() => {});
    await journal.begin(entry(two, { owner: "two" })).catch(() => {});
    for (const [key, owner] of [
      [one, "one"],
      [two, "two"],
    ] as const)
      expect(["refused", "none", owner]).toContain(
        await journal.get(key).then(
          (row) => (row ? row.owner : "none"),
          () => "refused",
        ),
      );
  });

  test("task ids likewise", async () => {
    const journal = open();
    await begin(journal, ["a", "b"]);
    await journal.update("a", 1, { ref: refTo("t\ufffd") });
    expect(String(await errorOf(journal.update("b", 1, { ref: refTo("t\ud800") })))).toContain("well-formed");
    expect(String(await errorOf(journal.findByTask(refTo("t\ud800"))))).toContain("well-formed");
  });

  test("keys with a zero byte in them are different keys", async () => {
    const journal = open();
    for (const key of ["k", "k\0", "k\0a", "k\0b"]) await begin(journal, [key], { owner: key });
    for (const key of ["k", "k\0", "k\0a", "k\0b"]) expect((await journal.get(key))?.owner).toBe(key);
    expect(await keysOf(journal)).toEqual(["k", "k\0", "k\0a", "k\0b"]);
  });
});

describe("closing", () => {
  test("twice is harmless, and every later call is rejected", async () => {
    const path = newPath();
    const journal = sqliteJournal(path);
    await begin(
      journal,
      Array.from({ length: 150 }, (_, index) => `k${index}`),
    );
    const list = journal.list()[Symbol.asyncIterator]();
    await list.next();
    journal.close();
    journal.close();
    const read = async () => {
      for (;;) if ((await list.next()).done) return;
    };
    for (const late of [
      journal.begin(entry("x")),
      journal.update("k0", 1, {}),
      journal.get("k0"),
      journal.findByTask(refTo("x")),
      journal.prune({ before: "2026-01-01" }),
      collect(journal.list()),
      read(),
    ])
      expect(String(await errorOf(late))).toBe(`Error: the journal ${path} is closed`);
  });
});

describe("rows", () => {
  test("a begin with the task of another key is rejected and writes nothing", async () => {
    const journal = open();
    await begin(journal, ["a"]);
    await journal.update("a", 1, { ref: refTo("1") });
    expect(String(await errorOf(journal.begin(entry("b", { ref: refTo("1") }))))).toContain("another key has the task");
    expect(await keysOf(journal)).toEqual(["a"]);
  });

  test("a text with a zero byte or half a surrogate pair comes back", async () => {
    const journal = open();
    const odd = entry("k\0", { request: { prompt: "a\0b \ud800 c" } });
    await begin(journal, ["k"]);
    await journal.begin(odd);
    expect(await journal.get("k\0")).toEqual(odd);
  });

  test("a list begins with what was begun last, page by page, where that is asked for", async () => {
    const journal = open();
    const keys = Array.from({ length: 105 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key, n) => journal.begin(entry(key, { state: n % 2 ? "lost" : "refused" }))));
    const rows = await collect(journal.list({ state: ["lost", "refused"], newestFirst: true }));
    expect(rows.map(({ key }) => key)).toEqual(keys.toReversed());
  });

  test("a listing of open rows goes through their index, however many have ended", async () => {
    const seen = watchSqlite();
    await collect(open().list({ state: ["begun", "sending", "accepted", "unknown"] }));
    const plan = seen.db!.prepare(`EXPLAIN QUERY PLAN ${seen.statements.at(-1)}`).all(...Array<null>(12).fill(null));
    const steps = plan.map((row) => String(row["detail"])).filter((step) => step.includes("submits"));
    expect(steps).toHaveLength(4);
    for (const step of steps)
      expect(step).toMatch(/SEARCH submits USING INDEX submits_by_state \(state=\? AND id>\?\)/);
  });

  test("a list is in the order of begin, over many pages, of one state or several", async () => {
    const journal = open();
    const keys = Array.from({ length: 330 }, (_, index) => `k${(index * 7) % 330}`);
    for (const [index, key] of keys.entries())
      await journal.begin(entry(key, { state: index % 3 === 0 ? "unknown" : index % 3 === 1 ? "accepted" : "failed" }));
    expect(await keysOf(journal)).toEqual(keys);
    const listed = (await collect(journal.list({ state: ["accepted", "unknown"] }))).map(({ key }) => key);
    expect(listed).toEqual(keys.filter((_, index) => index % 3 < 2));
  });

  test("without prompts only their hashes are kept, and keys work as before", async () => {
    const path = newPath();
    const { client, posts } = acmeClient([accepted, done], { journal: open(path, { prompts: false }) });
    await client.submit({ ...request, prompt: "a very private waterfall" }, { idempotencyKey: "k" });
    const kept = (await collect(open(path).list()))[0];
    expect(kept?.request).toEqual({
      model: "acme-1",
      prompt: { sha256: "5cbfb777915d00727527bc87d65c9b30ce372d62ed2e0987a3482a3204d131d1" },
    });
    await client.submit({ ...request, prompt: "a very private waterfall" }, { idempotencyKey: "k" });
    expect(posts()).toBe(1);
    const error = await errorOf(client.submit({ ...request, prompt: "another one" }, { idempotencyKey: "k" }));
    expect(error).toMatchObject({ code: "invalid_request" });
    expect(everythingIn(path)).not.toContain("private waterfall");
  });

  test("without prompts an update and extraBody leave none either", async () => {
    const path = newPath();
    const journal = open(path, { prompts: false });
    await begin(journal, ["k"], {
      request: { negativePrompt: "s3cret", extraBody: { shots: ["s3cret"] }, duration: 5 },
    });
    const changed = await journal.update("k", 1, { request: { prompt: "s3cret", duration: 10 } });
    expect(changed?.request["duration"]).toBe(10);
    expect(everythingIn(path)).not.toContain("s3cret");
  });

  test("neither the API key nor the callback URL is in the file", async () => {
    const path = newPath();
    const { client } = acmeClient([accepted, done], { journal: open(path) });
    await client.submit(request, { idempotencyKey: "k", callbackUrl: "https://example.com/hook/t0ken" });
    await client.submit(request, { idempotencyKey: "k" });
    expect(everythingIn(path)).toContain("a waterfall");
    for (const secret of [KEY, "t0ken"]) expect(everythingIn(path)).not.toContain(secret);
  });

  test("a key that was paid for in one process sends nothing in another", async () => {
    const path = newPath();
    const first = acmeClient([accepted], { journal: open(path) });
    const second = acmeClient([done], { journal: open(path) });
    await first.client.submit(request, { idempotencyKey: "k" });
    expect(await second.client.submit(request, { idempotencyKey: "k" })).toMatchObject({
      id: "t1",
      state: "succeeded",
    });
    expect(first.posts()).toBe(1);
    expect(second.posts()).toBe(0);
    expect(await open(path).get("k")).toMatchObject({ state: "succeeded", ref: { id: "t1" } });
  });
});

describe("prune", () => {
  const states = ["begun", "sending", "accepted", "refused", "unknown", "lost", "succeeded", "failed"] as const;
  const finished = new Set<string>(["refused", "lost", "succeeded", "failed"]);

  test("removes what is finished and older, and says how many", async () => {
    const journal = open();
    for (const state of states) {
      await journal.begin(entry(`old ${state}`, { state }));
      await journal.begin(entry(`new ${state}`, { state, updatedAt: "2026-02-01T00:00:00.000Z" }));
    }
    expect(await journal.prune({ before: "2026-01-01T00:00:00.000Z" })).toBe(0);
    expect(await journal.prune({ before: "2026-02-01T01:00:00+01:00" })).toBe(4);
    const left = states.flatMap((state) => [...(finished.has(state) ? [] : [`old ${state}`]), `new ${state}`]);
    expect(await keysOf(journal)).toEqual(left);
    expect(await journal.begin(entry("old succeeded"))).toBeUndefined();
  });

  test("leaves nothing of a row in the file or its log", async () => {
    const path = newPath();
    const journal = open(path);
    const prompt = "a very private waterfall ".repeat(100);
    await begin(
      journal,
      Array.from({ length: 60 }, (_, index) => `k${index}`),
      { state: "failed", request: { prompt } },
    );
    expect(everythingIn(path)).toContain("private waterfall");
    expect(await journal.prune({ before: "2027-01-01" })).toBe(60);
    expect(everythingIn(path)).not.toContain("private waterfall");
  });

  test("is cut into short writes", async () => {
    open();
    const seen = watchSqlite();
    const other = open();
    seen.db?.exec("BEGIN");
    const insert = seen.db?.prepare(
      "INSERT INTO submits (key, version, state, updated_at, entry) VALUES (?, 1, 'failed', '2026', '')",
    );
    for (let index = 0; index < 2500; index++) insert?.run(`k${index}`);
    seen.db?.exec("COMMIT");
    expect(await other.prune({ before: "2027-01-01" })).toBe(2500);
  });
});

describe("a full disk", () => {
  /** A journal whose file cannot grow any more. */
  const full = () => {
    const seen = watchSqlite();
    const path = newPath();
    const journal = open(path);
    const pages = Object.values(seen.db?.prepare("PRAGMA page_count").get() ?? {})[0];
    seen.db?.exec(`PRAGMA max_page_count = ${String(pages)}`);
    return { journal, path };
  };
  const large = { prompt: "x".repeat(30_000) };

  test("stops the next begin, and never the completion of what has begun", async () => {
    const { journal, path } = full();
    const keys: string[] = [];
    let error: unknown;
    while (!error && keys.length < 500) {
      const key = `k${keys.length}`;
      error = await journal.begin(entry(key, { request: large })).catch((thrown: unknown) => thrown);
      if (!error) keys.push(key);
    }
    expect(String(error)).toBe(`Error: the journal ${path}: the disk is full (database or disk is full)`);
    expect(keys.length).toBeGreaterThan(30);
    for (const key of keys) {
      const ref = { ...refTo(`task-${key}`), submittedAt: "2026-01-01T00:00:00.000Z" };
      const videos: [{ url: string }] = [{ url: `https://cdn.acme.test/${"v".repeat(1000)}` }];
      expect(await journal.update(key, 1, { state: "sending" })).toBeDefined();
      expect(await journal.update(key, 2, { state: "accepted", ref })).toBeDefined();
      expect(
        await journal.update(key, 3, { state: "succeeded", task: { ...ref, state: "succeeded", videos } }),
      ).toBeDefined();
    }
    expect(String(await errorOf(journal.begin(entry("again"))))).toContain("the disk is full");
    expect(await journal.prune({ before: "2027-01-01" })).toBe(keys.length);
    expect(await journal.begin(entry("again"))).toBeUndefined();
  });

  test("stops a submit before its paid request", async () => {
    const { journal } = full();
    for (
      let index = 0;
      (await journal.begin(entry(`k${index}`, { request: large })).catch(() => "full")) !== "full";
      index++
    );
    const { client, posts } = acmeClient([accepted], { journal });
    const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
    expect(JournalError.isInstance(error)).toBe(true);
    expect(String(error)).toMatch(/the disk is full.*so nothing was sent/);
    expect(posts()).toBe(0);
  });
});
