// Every `vidtask` command of the pages runs, in order, against an emulator; a comment names an exit code other than 0.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { expect, onTestFinished, test } from "vitest";
import { oneFile } from "../../../.ci/one-file.ts";
import { blocksOf, root, textOf } from "./pages.ts";

const PROGRAM = await oneFile(join(root, "packages/cli/src/vidtask.ts"));
const README = "packages/cli/README.md";
const BATCH = "packages/docs/guides/batch-overnight.md";
const CRASH = "packages/docs/guides/after-a-crash.md";

const commandsOf = (page: string) =>
  blocksOf("sh")
    .filter((block) => block.page === page)
    .flatMap(({ code }) => code.split("\n"))
    .filter((line) => line.startsWith("vidtask "));

async function play(page: string, before: readonly string[] = []) {
  const cwd = mkdtempSync(join(tmpdir(), "vidtask-docs-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const emulator = createEmulator({ taskMs: 100 });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  // A block of data stands below the name of its file.
  for (const [, file = "", text = ""] of textOf(page).matchAll(/`([\w.]+)`:?\n\n```(?:csv|json)\n(.*?)^```/gms))
    writeFileSync(join(cwd, file), text);
  const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, HOME: cwd, VIDTASK_EMULATOR_URL: server.url };
  const run = (line: string) =>
    new Promise<{ code: number; out: string }>((resolve) => {
      const [, ...words] = (line.replace(/\s+#.*/, "").match(/"[^"]*"|\S+/g) ?? []).map((word) =>
        word.replaceAll('"', ""),
      );
      const all = words.map((word) => word.replace("TASK_ID", emulator.ledger[0]?.taskId ?? ""));
      execFile(process.execPath, [PROGRAM, ...all, "--emulate"], { cwd, env }, (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, out: out + err });
      });
    });
  for (const line of before) await run(line);
  for (const line of commandsOf(page)) {
    const { code, out } = await run(line);
    const [, expected = "0"] = /# exit code (\d+)/.exec(line) ?? [];
    expect(code, `${line}\n${out}`).toBe(Number(expected));
  }
  return { cwd, emulator };
}

test("the README's", async () => {
  await play(README);
});

test("a batch overnight: paid within the budget, once for both runs", { timeout: 120_000 }, async () => {
  const { cwd, emulator } = await play(BATCH);
  const lines = readFileSync(join(cwd, "night/results.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { state: string }).state)).toEqual(["saved", "saved", "saved"]);
  expect(emulator.ledger).toHaveLength(9); // rehearsal, night and second have three rows each
});

test("picking up after a crash", { timeout: 120_000 }, async () => {
  const { emulator } = await play(CRASH, [
    'vidtask submit "a dog [fault:reset-after-accept]" -k dog --vendor apimodels',
    'vidtask submit "falls" -k falls',
    'vidtask submit "a bird [fault:503]" -k bird --vendor apimodels',
  ]);
  expect(emulator.ledger.length).toBeGreaterThan(2);
});
