import { readdirSync, readFileSync } from "node:fs";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";
import { test } from "vitest";
import { createAIVideoAPI } from "./index.ts";

const folder = new URL("../../../fixtures/aivideoapi/", import.meta.url);
const answers = readdirSync(folder).filter((name) => name.endsWith(".json") && !name.endsWith(".request.json"));
const fixtures = answers.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as unknown);

fuzzVendor(createAIVideoAPI, fixtures, {
  request: { model: "kling-2.6", prompt: "it moves", image: "https://a.test/1.png" },
  test: (name, run) => test(name, run, 600_000),
});
