import { readdirSync, readFileSync } from "node:fs";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";
import { test } from "vitest";
import { createAPIModels } from "./index.ts";

const folder = new URL("../../../fixtures/apimodels/", import.meta.url);
const answers = readdirSync(folder).filter((name) => name.endsWith(".json") && !name.endsWith(".request.json"));
const fixtures = answers.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as unknown);

fuzzVendor(createAPIModels, fixtures, {
  request: { model: "kling-v2-6", prompt: "a waterfall" },
  test: (name, run) => test(name, run, 600_000),
});
