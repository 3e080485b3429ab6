import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkPrices, readSettings, SettingsError } from "./settings.ts";

const HOME = resolve("home");

test("without a setting: a dollar a call, five a day, a folder and the command line's journal in the home", () => {
  expect(readSettings({ HOME, XDG_DATA_HOME: join(HOME, "data") })).toEqual({
    journal: join(HOME, "data", "vidtask", "journal.db"),
    folder: join(HOME, "vidtask-videos"),
    usdPerCall: 1,
    usdPerDay: 5,
    prices: {},
  });
});

test("prices by vendor and model", () => {
  const VIDTASK_MCP_PRICES = '{"apixo:kling-2-6": {"perSecond": 0.06}, "apixo:veo-3-1": {"perVideo": 1}}';
  expect(readSettings({ HOME, VIDTASK_MCP_PRICES }).prices).toEqual(JSON.parse(VIDTASK_MCP_PRICES));
});

test.each([
  ["VIDTASK_MCP_USD_PER_DAY", "ten"],
  ["VIDTASK_MCP_USD_PER_DAY", "-1"],
  ["VIDTASK_MCP_USD_PER_CALL", "0"],
  ["VIDTASK_MCP_USD_PER_CALL", "Infinity"],
  ["VIDTASK_MCP_USD_PER_CALL", "1,5"],
  ...["$5", "5 USD", "0x10", "1e9", "1_000", "-0", "NaN", "٥"].map((usd) => ["VIDTASK_MCP_USD_PER_DAY", usd]),
  ["VIDTASK_MCP_USD_PER_DAYS", "1"],
  ["VIDTASK_MCP_BUDGET", "1"],
  ["VIDTASK_MCP_FOLDER", "videos"],
  ["VIDTASK_MCP_FOLDER", "./videos"],
  ["VIDTASK_JOURNAL", "journal.db"],
  ["VIDTASK_JOURNAL", ":memory:"],
  ["VIDTASK_JOURNAL", "~journal.db"],
  ["VIDTASK_MCP_PRICES", "{"],
  ["VIDTASK_MCP_PRICES", "[]"],
  ["VIDTASK_MCP_PRICES", '{"kling-2-6": {"perVideo": 1}}'],
])("%s=%s is refused by name", (name = "", value = "") => {
  expect(() => readSettings({ HOME, [name]: value })).toThrow(SettingsError);
  expect(() => readSettings({ HOME, [name]: value })).toThrow(name);
});

test("a misspelt budget says which was meant", () => {
  expect(() => readSettings({ HOME, VIDTASK_MCP_USD_PER_DAYS: "1" })).toThrow("did you mean VIDTASK_MCP_USD_PER_DAY?");
});

test.each(["", " "])("an empty value (%j) is none", (value) => {
  const settings = readSettings({
    HOME,
    VIDTASK_MCP_USD_PER_DAY: value,
    VIDTASK_MCP_FOLDER: value,
    VIDTASK_JOURNAL: value,
  });
  expect(settings).toEqual(readSettings({ HOME }));
});

test("~ is the home: no shell reads a host's configuration", () => {
  const { journal, folder } = readSettings({ HOME, VIDTASK_JOURNAL: "~/j.db", VIDTASK_MCP_FOLDER: "~" });
  expect({ journal, folder }).toEqual({ journal: join(HOME, "j.db"), folder: HOME });
});

test.skipIf(process.platform === "win32")(
  "XDG_DATA_HOME is a whole path, or nothing: else it would be another budget in each folder",
  () => {
    expect(readSettings({ HOME, XDG_DATA_HOME: "data" })).toEqual(readSettings({ HOME }));
  },
);

test("a folder that cannot be one is told at the start, and nothing is made", () => {
  const here = mkdtempSync(join(tmpdir(), "vidtask-mcp-"));
  onTestFinished(() => rmSync(here, { recursive: true, force: true }));
  writeFileSync(join(here, "file"), "");
  mkdirSync(join(here, "there"));
  const folder = (name: string) => readSettings({ HOME, VIDTASK_MCP_FOLDER: join(here, name) }).folder;
  expect(folder("there/a/b")).toBe(join(here, "there/a/b"));
  for (const name of ["file", "file/a", "file/a/b"])
    expect(() => folder(name)).toThrow(/VIDTASK_MCP_FOLDER .*is no folder/);
});

test.each([
  ["apixo:kling-26", 'did you mean "apixo:kling-2-6"?'],
  ["apixo:sora-9", "there are apixo:kling-2-6"],
  ["fal:kling-2-6", "there are apixo, apimodels"],
])("a price of %s, which there is not, is refused", (row, remedy) => {
  const check = (name: string) => checkPrices({ [name]: { perVideo: 1 } }, ["apixo", "apimodels"], [apixo]);
  const apixo = { vendor: "apixo", models: { "kling-2-6": {} } };
  expect(() => check(row)).toThrow(remedy);
  expect(() => check("apixo:kling-2-6")).not.toThrow();
  expect(() => check("apimodels:any")).not.toThrow();
});
