import { readdirSync, readFileSync } from "node:fs";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";
import { test } from "vitest";
import { createAcme } from "./index.ts";

const folder = new URL("../../../fixtures/acme/", import.meta.url);
const answers = readdirSync(folder).filter((name) => name.endsWith(".json") && !name.endsWith(".request.json"));
const fixtures = answers.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as unknown);

fuzzVendor(createAcme, fixtures, {
  request: { model: "acme-1", prompt: "a waterfall" },
  test: (name, run) => test(name, run, 600_000),
});
