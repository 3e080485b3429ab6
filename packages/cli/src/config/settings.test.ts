import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { readSettings } from "./settings.ts";

const HOME = resolve("home");

async function journalOf(text: object, env: { VIDTASK_JOURNAL?: string } = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify(text));
  return (await readSettings({ config }, { HOME, ...env })).journal;
}

test("a journal in the configuration is the same from every folder: a whole path, or one in the home", async () => {
  expect(await journalOf({ journal: "~/videos.db" })).toBe(join(HOME, "videos.db"));
  expect(await journalOf({ journal: resolve("videos.db") })).toBe(resolve("videos.db"));
  for (const journal of ["videos.db", "./videos.db", "~", "", 7])
    await expect(journalOf({ journal })).rejects.toThrow(UsageError);
});

test("VIDTASK_JOURNAL may be of this folder, or of the home where no shell wrote it out", async () => {
  expect(await journalOf({}, { VIDTASK_JOURNAL: "videos.db" })).toBe(resolve("videos.db"));
  expect(await journalOf({}, { VIDTASK_JOURNAL: "~/videos.db" })).toBe(join(HOME, "videos.db"));
});
