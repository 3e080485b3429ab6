import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readSettings, SettingsError } from "./settings.ts";

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
  ["VIDTASK_MCP_PRICES", "{"],
  ["VIDTASK_MCP_PRICES", "[]"],
  ["VIDTASK_MCP_PRICES", "3"],
  ["VIDTASK_MCP_PRICES", '{"kling-2-6": {"perVideo": 1}}'],
  ["VIDTASK_MCP_PRICES", '{"apixo:kling-2-6": "0.3"}'],
  ["VIDTASK_MCP_PRICES", '{"apixo:kling-2-6": {"perVideo": -1}}'],
  ["VIDTASK_MCP_PRICES", '{"apixo:kling-2-6": {"perVideo": 1, "perSecond": 1}}'],
])("%s=%s is refused by name", (name, value) => {
  expect(() => readSettings({ HOME, [name]: value })).toThrow(SettingsError);
  expect(() => readSettings({ HOME, [name]: value })).toThrow(name);
});
