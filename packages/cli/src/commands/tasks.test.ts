// One task from its submit to its file, by the commands that people use.
import { existsSync, globSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { said, vidtask, world } from "../test/program.ts";

/** Of emulated tasks: beside that of real ones. */
const findJournal = (cwd: string): string => {
  const [file = ""] = globSync("**/emulated/*.db", { cwd });
  return join(cwd, file);
};

const charges = (ledger: readonly { kind: string }[]) => ledger.filter(({ kind }) => kind === "charge");

test("generate submits once, waits, saves, and prints the path alone into a pipe", async () => {
  const { cwd, emulator, quick } = await world();
  const { code, out, err } = await vidtask(["generate", "a waterfall", "-k", "row-1", "-o", "clip.mp4", ...quick], {
    cwd,
  });
  expect(code).toBe(0);
  expect(out).toBe("clip.mp4\n");
  expect(err).toMatch(/^accepted apimodels:kling-v2-6:\w+ · key row-1 · \$0\.0159 · takes 2:22–8:06$/m);
  expect(err).not.toContain("under way"); // the answer to the paid request has come long ago
  expect(statSync(join(cwd, "clip.mp4")).size).toBeGreaterThan(10_000);

  const again = await vidtask(["generate", "a waterfall", "-k", "row-1", "-o", "again.mp4", ...quick], { cwd });
  expect(again.out).toBe("again.mp4\n");
  expect(charges(emulator.ledger)).toHaveLength(1);
});

test("a model that this version does not list is sent as it was written, paid for once, and saved as any other", async () => {
  const { cwd, emulator, quick } = await world();
  const body = { prompt: "a waterfall", mode: "std", duration: "5" };
  const words = ["-m", "apimodels:kling-v2-6", "--unlisted", "--extra-body", JSON.stringify(body), "-k", "row-1"];
  const { code, out, err } = await said(["generate", ...words, "-o", "clip.mp4", ...quick], { cwd });
  expect({ code, out }).toEqual({ code: 0, out: "clip.mp4\n" });
  expect(err).toContain("no field is checked");
  expect(emulator.requests.find(({ method }) => method === "POST")?.body).toEqual({ model: "kling-v2-6", ...body });
  expect(charges(emulator.ledger)).toHaveLength(1);
});

test.each([
  ["/proc/clip.mp4", "cannot be written (E"],
  [`${"a".repeat(230)}.mp4`, "over 200 bytes"],
  ["there/", "it is a folder"],
  ["taken", "it is a folder"],
])("an output that cannot be written is refused before it is paid for: %s", async (file, words) => {
  const { cwd, emulator, quick } = await world();
  mkdirSync(join(cwd, "taken"));
  const { code, err } = await said(["generate", "a waterfall", "-k", "row-1", "-o", file, ...quick], { cwd });
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
  expect(emulator.requests).toEqual([]);
});

test("a key with no room for its file's name is refused before it is paid for; keys that look alike have a file each", async () => {
  const { cwd, emulator, quick } = await world();
  const long = await said(["generate", "x", "-k", "🎬".repeat(28), ...quick], { cwd });
  expect({ code: long.code, err: long.err }).toEqual({ code: 2, err: expect.stringContaining("over 200 bytes") });
  expect(emulator.requests).toEqual([]);
  const files = await Promise.all(
    ["a/b", "a_b"].map(async (key) => (await vidtask(["generate", key, "-k", key, ...quick], { cwd })).out.trim()),
  );
  expect(files).toEqual(["a%2Fb.mp4", "a_b.mp4"]);
});

test.each([
  [["[fault:429]"], "'[fault:429]' --key KEY"],
  [["[fault:429]", "--negative-prompt", "-kitten"], "'[fault:429]' --negative-prompt -kitten --key KEY"],
  [["--", "-k [fault:429]"], "--key KEY -- '-k [fault:429]'"],
  [["[fault:429]", "-krow-1"], "'[fault:429]' -krow-1"],
])("to go on after %j names the key that was drawn, and no other", async (words, again) => {
  const { cwd, emulate } = await world();
  const { err } = await said(["submit", emulate, "--submit-timeout", "1s", ...words], { cwd });
  const [, key = ""] = /under the key (\S+)/.exec(err) ?? [];
  expect(err).toContain(`go on: vidtask submit ${emulate} --submit-timeout 1s ${again.replace("KEY", key)}\n`);
});

test("list says once what is wrong with a row that cannot be read, and shows the others", async () => {
  const { cwd, emulate } = await world();
  for (const key of ["row-1", "row-2"]) await said(["submit", "a waterfall", "-k", key, emulate], { cwd });
  const db = new DatabaseSync(findJournal(cwd));
  db.prepare("UPDATE submits SET entry = '{' WHERE key = 'row-2'").run();
  db.close();
  const { out, err } = await said(["list", emulate], { cwd });
  expect(out).toContain("row-1");
  expect(err.match(/cannot be used/g)).toEqual(["cannot be used"]);
  expect(err).toContain("the row of key row-2 cannot be used: ");
});

test("submit, status, list, wait and download name a task by key, by ref or by id", async () => {
  const { cwd, quick, emulate } = await world();
  const [accepted] = (await vidtask(["submit", "-", "-k", "row-1", "--json", emulate], { cwd, input: "a waterfall\n" }))
    .lines;
  expect(accepted).toMatchObject({ type: "accepted", key: "row-1", priceUsd: 0.0159 });
  const ref = accepted?.type === "accepted" ? accepted.ref : "";

  expect((await said(["wait", ref, ...quick, "--json"], { cwd })).lines.at(-1)).toMatchObject({
    type: "task",
    key: "row-1",
    state: "succeeded",
    prompt: "a waterfall",
  });
  const id = ref.split(":")[2] ?? "";
  const status = await vidtask(["status", "row-1", ref, id, emulate], { cwd });
  expect(status.code).toBe(0);
  expect(status.out.split("\n").map((line) => line.split("\t").slice(0, 3))).toEqual([
    ...Array.from({ length: 3 }, () => ["row-1", "succeeded", "apimodels kling-v2-6"]),
    [""],
  ]);
  const list = await vidtask(["list", "--state", "expiring", "--within", "30d", emulate, "--json"], { cwd });
  expect(list.lines).toMatchObject([
    { key: "row-1", state: "succeeded" },
    { type: "summary", states: { succeeded: 1 }, priceUsd: 0.0159, unpriced: 0 },
  ]);
  expect((await vidtask(["download", id, emulate], { cwd })).out).toBe("row-1.mp4\n");
  expect(existsSync(join(cwd, "row-1.mp4"))).toBe(true);
});

describe("exit codes", () => {
  test("1: the task failed, and what was paid is said", async () => {
    const { cwd, quick } = await world();
    const { code, lines } = await said(["generate", "[fail:CONTENT_MODERATION] x", ...quick, "--json"], { cwd });
    expect(lines.at(-1)).toMatchObject({ type: "error", exitCode: 1, billed: "no" });
    expect(code).toBe(1);
  });

  test("3: the vendor refused, and nothing was paid", async () => {
    const { cwd, quick } = await world({ credits: 0 });
    const { code, err } = await said(["generate", "x", "--vendor", "apimodels", ...quick], { cwd });
    expect(err).toMatch(/insufficient|balance|credits/i);
    expect(code).toBe(3);
  });

  test("3: a price above --max-price, and one that no page prints", async () => {
    const { cwd, emulator, emulate } = await world();
    for (const vendor of ["apimodels", "apixo"]) {
      const { code, err } = await said(["submit", "x", "--vendor", vendor, "--max-price", "0.01", emulate], { cwd });
      expect(err).toContain("--max-price");
      expect(code).toBe(3);
    }
    expect(emulator.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("4: unknown whether it was paid, with the commands that settle it", async () => {
    const { cwd, emulator, quick, emulate } = await world();
    const { code, err } = await vidtask(["generate", "[fault:reset-after-accept] x", "-k", "row-1", ...quick], { cwd });
    expect(code).toBe(4);
    expect(err).toContain("vidtask settle row-1");
    expect(charges(emulator.ledger)).toHaveLength(1);
    expect((await said(["status", "row-1", emulate], { cwd })).code).toBe(4);
  });

  test("5: it runs longer than --wait-timeout, and the command that goes on works", async () => {
    const { cwd, quick, emulator } = await world({ clock: "manual" });
    const words = ["generate", "x", "-k", "row-1", "--wait-timeout", "200ms", ...quick, "--json"];
    const { code, lines } = await vidtask(words, { cwd });
    expect(code).toBe(5);
    const last = lines.at(-1);
    const next = last?.type === "error" ? (last.next ?? "") : "";
    expect(next).toMatch(/^vidtask wait row-1 -o row-1\.mp4 --emulate=http\S+$/);
    await emulator.clock.advance(1_000);
    const after = await said([...next.split(" ").slice(1), "--poll", "100ms"], { cwd });
    expect(after).toMatchObject({ code: 0, out: "row-1.mp4\n" });
    expect(charges(emulator.ledger)).toHaveLength(1);
  });

  test("5: it has ended, and its video could not be saved", async () => {
    const { cwd, emulate, quick } = await world();
    await said(["generate", "x", "-k", "row-1", ...quick], { cwd });
    mkdirSync(join(cwd, "taken"));
    const { code, err } = await vidtask(["download", "row-1", "-o", "taken", emulate], { cwd });
    expect(code).toBe(5);
    expect(err).toContain("go on: vidtask download row-1 -o taken");
  });
});
