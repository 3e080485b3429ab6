// What happens to a journal's file under its open handle: nothing is written, and so nothing paid, beside a file that other
// processes see.
import { copyFileSync, cpSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Journal } from "../journal/journal.ts";
import { accepted, acmeClient, request } from "../test/acme.ts";
import { entry, refTo } from "../testing/journal-suite.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { sqliteJournal } from "./sqlite-journal.ts";

const root = mkdtempSync(join(tmpdir(), "vidtask-identity-"));
const opened: { close(): void }[] = [];
let folders = 0;
const newPath = () => join(root, `${folders++}`, "journal.db");
function open(path: string) {
  const journal = sqliteJournal(path);
  opened.push(journal);
  return journal;
}
afterAll(() => {
  for (const journal of opened) journal.close();
  rmSync(root, { recursive: true });
});

const beside = (path: string) => ["", "-wal", "-shm"].map((tail) => path + tail);
const remove = (path: string) => beside(path).forEach((file) => rmSync(file, { force: true }));
const backUp = (path: string) => beside(path).forEach((file) => copyFileSync(file, `${file}.backup`));
const restore = (path: string) => beside(path).forEach((file) => renameSync(`${file}.backup`, file));

/** What a file may meet; what is there to be opened afterwards, by another process, is at the same path. */
const fates: { [name: string]: { before?: (path: string) => void; after: (path: string) => void } } = {
  removed: { after: remove },
  "removed without its log": { after: (path) => rmSync(path) },
  "removed, and made anew by another process": { after: (path) => (remove(path), open(path)) },
  "replaced by a copy of itself": {
    before: (path) => copyFileSync(path, `${path}.copy`),
    after: (path) => renameSync(`${path}.copy`, path),
  },
  "restored from a backup": { before: backUp, after: restore },
  "restored from a backup after it was removed": { before: backUp, after: (path) => (remove(path), restore(path)) },
  "moved away": { after: (path) => renameSync(path, `${path}.away`) },
  "in a folder that was renamed": { after: (path) => renameSync(dirname(path), `${dirname(path)}-renamed`) },
  "in a folder that was replaced by a copy": {
    after(path) {
      cpSync(dirname(path), `${dirname(path)}-copy`, { recursive: true });
      renameSync(dirname(path), `${dirname(path)}-old`);
      renameSync(`${dirname(path)}-copy`, dirname(path));
    },
  },
  "left without its log": { after: (path) => rmSync(`${path}-wal`) },
  "left without its index": { after: (path) => rmSync(`${path}-shm`) },
  "given a log of another": {
    before: (path) => copyFileSync(`${path}-wal`, `${path}.other`),
    after: (path) => renameSync(`${path}.other`, `${path}-wal`),
  },
};

test.each(Object.entries(fates))(
  "%s: no begin and no update writes any more, and both say why",
  async (_name, fate) => {
    const path = newPath();
    const journal = open(path);
    await journal.begin(entry("old"));
    fate.before?.(path);
    await journal.begin(entry("k"));
    fate.after(path);
    const wanted =
      /^Error: the journal .*journal\.db: .* was (removed or moved|replaced) while it was open.*open the journal anew$/;
    expect(String(await errorOf(journal.begin(entry("new"))))).toMatch(wanted);
    expect(String(await errorOf(journal.update("k", 1, { state: "sending" })))).toMatch(wanted);
    expect(await journal.get("k")).toEqual(entry("k"));
  },
);

const paying = (journal: Journal) => acmeClient([accepted], { journal });

test.each(Object.entries(fates))("%s: a submit is refused before anything is sent", async (_name, fate) => {
  const path = newPath();
  const { client, posts } = paying(open(path));
  await client.submit(request, { idempotencyKey: "row-1" });
  fate.before?.(path);
  fate.after(path);
  expect(await errorOf(client.submit(request, { idempotencyKey: "row-2" }))).toMatchObject({
    code: "journal",
    billed: "no",
    message: expect.stringContaining("open the journal anew"),
  });
  expect(posts()).toBe(1);
});

test("a link that is turned to another file is noticed, and the log is looked for beside the file itself", async () => {
  const [one, two, link] = [newPath(), newPath(), join(root, "link.db")];
  for (const path of [one, two]) sqliteJournal(path).close();
  symlinkSync(one, link);
  const journal = open(link);
  expect(await journal.begin(entry("a"))).toBeUndefined();
  expect(await journal.begin(entry("b"))).toBeUndefined();
  unlinkSync(link);
  symlinkSync(two, link);
  expect(String(await errorOf(journal.begin(entry("c"))))).toMatch(/link\.db was replaced/);
});

test("of a journal that was opened by a link, the log that is gone is noticed, too", async () => {
  const [path, link] = [newPath(), join(root, "other-link.db")];
  sqliteJournal(path).close();
  symlinkSync(path, link);
  const journal = open(link);
  rmSync(`${path}-wal`);
  expect(String(await errorOf(journal.begin(entry("k"))))).toMatch(/journal\.db-wal was removed/);
});

test("a folder that is moved and moved back is the same again", async () => {
  const path = newPath();
  const journal = open(path);
  renameSync(dirname(path), `${dirname(path)}-away`);
  await errorOf(journal.begin(entry("k")));
  renameSync(`${dirname(path)}-away`, dirname(path));
  expect(await journal.begin(entry("k"))).toBeUndefined();
});

test("an acceptance that cannot be written any more is an alarm, and the caller has its task", async () => {
  const path = newPath();
  const { client, events } = acmeClient(
    [
      () => {
        remove(path);
        return Response.json({ id: "t1" });
      },
    ],
    { journal: open(path) },
  );
  expect(await client.submit(request, { idempotencyKey: "k" })).toMatchObject(refTo("t1"));
  expect(events).toContainEqual(expect.objectContaining({ type: "alarm", alarm: "journal_failed" }));
});
