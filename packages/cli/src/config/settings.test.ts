import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { UsageError } from "../usage-error.ts";
import { configPath } from "./places.ts";
import { readSettings } from "./settings.ts";

const HOME = resolve("home");
const USUAL = ".local/share/vidtask/journal.db";

type Env = { [name: string]: string };

async function settingsOf(text: object, env: Env = {}) {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, "config.json");
  writeFileSync(config, JSON.stringify(text), { mode: 0o600 });
  return readSettings({ config }, { HOME, ...env });
}

const journalOf = async (text: object, env?: Env): Promise<string> => (await settingsOf(text, env)).journal;

test.each([
  ["--config", { config: resolve("no-such.json") }, {}],
  ["VIDTASK_CONFIG", {}, { VIDTASK_CONFIG: resolve("no-such.json") }],
])("a file that %s names must be there: without it the journal would be another", async (name, options, env) => {
  await expect(readSettings(options, { HOME, ...env })).rejects.toMatchObject({
    message: `there is no configuration ${resolve("no-such.json")}`,
    hints: [`Check the path in ${name}, or leave it out.`],
  });
});

test("the usual file need not be there", async () => {
  expect(await readSettings({}, { HOME, VIDTASK_CONFIG: "" })).toMatchObject({ journal: join(HOME, USUAL) });
});

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

test.skipIf(process.platform === "win32")("a variable that is empty is none", async () => {
  const callback = { url: "https://a.test/hooks", secret: "s".repeat(64) };
  const empty = { VIDTASK_JOURNAL: "", VIDTASK_CALLBACK_URL: "", VIDTASK_CALLBACK_SECRET: "", XDG_DATA_HOME: "" };
  expect(await settingsOf({ callback }, empty)).toMatchObject({ callback, journal: join(HOME, USUAL) });
});

test.skipIf(process.platform === "win32")("XDG_DATA_HOME and XDG_CONFIG_HOME are whole paths, or nothing", async () => {
  expect(await journalOf({}, { XDG_DATA_HOME: "data" })).toBe(join(HOME, USUAL));
  expect(await journalOf({}, { XDG_DATA_HOME: "/data" })).toBe("/data/vidtask/journal.db");
  expect(configPath({ HOME, XDG_CONFIG_HOME: "config" })).toBe(join(HOME, ".config/vidtask/config.json"));
});
