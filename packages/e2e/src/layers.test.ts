// The rules of .dependency-cruiser.mjs, each over a fault that breaks it: a rule whose pattern matches nothing passes for ever.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

const faults = [
  { rule: "core: imports point down", file: "core/src/task/task.ts", to: "../submit/submit.ts" },
  { rule: "core: imports point down", file: "core/src/limits/limiter.ts", to: "../redact.ts" },
  { rule: "core: every folder has its layer", file: "core/src/cache/cache.ts", to: "../task/task.ts" },
  { rule: "core: every folder has its layer", file: "core/src/client/client.ts", to: "../cache.ts" },
  { rule: "emulator: imports point down", file: "emulator/src/time/clock.ts", to: "../state/tasks.ts" },
  { rule: "emulator: every folder has its layer", file: "emulator/src/state/tasks.ts", to: "../shop/shop.ts" },
  { rule: "cli: imports point down", file: "cli/src/output/cells.ts", to: "../commands/list.ts" },
  { rule: "cli: every folder has its layer", file: "cli/src/shop/shop.ts", to: "../vendors.ts" },
  { rule: "mcp: imports point down", file: "mcp/src/desk.ts", to: "./tools/list.ts" },
  { rule: "mcp: every folder has its layer", file: "mcp/src/shop/shop.ts", to: "../refusal.ts" },
  { rule: "no circle of files", file: "vidtask/src/one.ts", to: "./two.ts" },
  { rule: "no circle of files", file: "vidtask/src/two.ts", to: "./one.ts" },
  { rule: "no test, and no helper of tests, is imported", file: "apixo/src/map.ts", to: "./test/helpers.ts" },
  { rule: "core depends on no other package", file: "core/src/client/members.ts", to: "../../../apixo/src/index.ts" },
  { rule: "a vendor package depends on core only", file: "apixo/src/apixo.ts", to: "../../aivideoapi/src/index.ts" },
  { rule: "bench does not depend on e2e", file: "bench/src/bench.ts", to: "../../e2e/src/chaos.ts" },
  { rule: "vidtask depends on core and the vendors", file: "vidtask/src/router.ts", to: "../../emulator/src/index.ts" },
  {
    rule: "the emulator takes types of core's front door only",
    file: "emulator/src/time/at.ts",
    to: "../../../core/src/task/state.ts",
  },
  {
    rule: "the emulator takes types of core's front door only",
    file: "emulator/src/index.ts",
    to: "../../core/src/index.ts",
    value: true,
  },
  {
    rule: "the stores take types of core's front door only",
    file: "stores/src/sql/rows.ts",
    to: "../../../core/src/journal/journal.ts",
  },
  {
    rule: "the stores take types of core's front door only",
    file: "stores/src/sql.ts",
    to: "../../core/src/index.ts",
    value: true,
  },
  {
    rule: "the command line depends on vidtask, core's doors and the emulator",
    file: "cli/src/clients/ends.ts",
    to: "../../../apixo/src/index.ts",
  },
  {
    rule: "the MCP server depends on vidtask, core's doors and the emulator",
    file: "mcp/src/desk.ts",
    to: "../../apixo/src/index.ts",
  },
  {
    rule: "the emulator is loaded only for --emulate",
    file: "cli/src/clients/emulated.ts",
    to: "../../../emulator/src/index.ts",
    value: true,
  },
  {
    rule: "the spans know core's front door only",
    file: "otel/src/spans.ts",
    to: "../../core/src/task/task.ts",
  },
  {
    rule: "the spans know core's front door only",
    file: "otel/src/metrics.ts",
    to: "../../apixo/src/index.ts",
  },
  {
    rule: "the AI SDK's provider knows the vendors in their own files only",
    file: "ai-sdk-provider/src/provider.ts",
    to: "../../apixo/src/index.ts",
  },
  {
    rule: "the AI SDK's provider knows the vendors in their own files only",
    file: "ai-sdk-provider/src/apixo.ts",
    to: "../../emulator/src/index.ts",
  },
  { rule: "core needs ky and zod only, the vendors core", file: "core/src/http/fetch.ts", to: "undici" },
  { rule: "core needs ky and zod only, the vendors core", file: "apixo/src/map.ts", to: "zod" },
  { rule: "what is published imports what its package.json declares", file: "core/src/http/call.ts", to: "left-pad" },
  { rule: "what is published imports zod/mini", file: "apixo/src/wire.ts", to: "zod" },
  { rule: "Node only under node and testing", file: "core/src/http/call.ts", to: "node:fs", value: true },
  { rule: "Node only under node and testing", file: "vidtask/src/index.ts", to: "../../core/src/node/index.ts" },
];

const folder = mkdtempSync(join(tmpdir(), "vidtask-layers-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  appendFileSync(join(folder, file), text);
}

for (const name of ["undici", "zod"]) {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" }));
  write(`node_modules/${name}/index.js`, "");
}
for (const { file, to, value } of faults) {
  const path = join("packages", file);
  const manifest = join("packages", file.split("/")[0] ?? "", "package.json");
  if (!existsSync(join(folder, manifest))) write(manifest, JSON.stringify({ dependencies: { undici: "*", zod: "*" } }));
  write(path, `import ${value ? "" : "type "}{ It } from "${to}";\n`);
  if (to.startsWith(".")) write(join(dirname(path), to), "export type It = 1;\n");
}

type Report = {
  summary: {
    violations: { rule: { name: string }; from: string; cycle?: { name: string }[] }[];
    ruleSetUsed: { forbidden: { name: string }[] };
  };
};
const { stdout } = spawnSync(
  join(root, "node_modules/.bin/depcruise"),
  ["packages", "--config", join(root, ".dependency-cruiser.mjs"), "--output-type", "json"],
  { cwd: folder, encoding: "utf8" },
);
const { violations, ruleSetUsed } = (JSON.parse(stdout) as Report).summary;

test.each(faults)("$rule: $file may not import $to", ({ rule, file }) => {
  const seen = violations
    .filter((found) => found.rule.name === rule)
    .flatMap(({ from, cycle = [] }) => [from, ...cycle.map(({ name }) => name)]);
  expect(seen).toContain(`packages/${file}`);
});

test("every rule has its fault", () => {
  const names = new Set(ruleSetUsed.forbidden.map(({ name }) => name));
  expect(new Set(faults.map(({ rule }) => rule))).toEqual(names);
});
