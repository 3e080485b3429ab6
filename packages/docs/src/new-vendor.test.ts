// `npm run new:vendor`: what it writes, in a copy that has of the repository only what the files need. The template is linted where it is.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const copy = mkdtempSync(join(tmpdir(), "vidtask-new-vendor-"));
afterAll(() => rmSync(copy, { recursive: true }));

for (const folder of ["packages", "fixtures", "packages/emulator", "contracts"])
  mkdirSync(join(copy, folder), { recursive: true });
for (const path of ["node_modules", "tsconfig.base.json", ".ci", "packages/core", "packages/emulator/assets"])
  symlinkSync(join(root, path), join(copy, path));
symlinkSync(join(root, "packages/emulator/node_modules"), join(copy, "packages/emulator/node_modules"));
for (const path of [
  "packages/emulator/src",
  "packages/emulator/package.json",
  "fixtures/SOURCES.md",
  ".oxfmtrc.json",
  ".oxlintrc.json",
])
  cpSync(join(root, path), join(copy, path), { recursive: true });

// A quarter of what the vendors get: what is written has the least that a vendor can have.
const { VIDTASK_FUZZ_RUNS = "60" } = process.env;
const env = { ...process.env, VIDTASK_FUZZ_RUNS: String(Math.ceil(Number(VIDTASK_FUZZ_RUNS) / 4)) };
const run = (file: string, args: string[], cwd = copy) => {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env, encoding: "utf8" });
  return { status, output: stdout + stderr };
};
const tool = (name: string, args: string[], cwd?: string) => run(join(root, "node_modules/.bin", name), args, cwd);
const scaffold = (...args: string[]) =>
  run(process.execPath, [join(root, ".ci/new-vendor/main.mjs"), "--into", copy, ...args]);
const green = { status: 0 };

test.each<[string, string[], string]>([
  ["no name", [], "expected one name, got 0"],
  ["two names", ["acme", "zeta"], "expected one name, got 2"],
  ["capitals", ["Acme"], "must be lower-case kebab"],
  ["an underscore", ["acme_video"], "must be lower-case kebab"],
  ["a path", ["../acme"], "must be lower-case kebab"],
  ["a hyphen at the end", ["acme-"], "must be lower-case kebab"],
  ["a name of this repository", ["core"], "is reserved"],
  ["a word of the language", ["delete"], "is reserved"],
  ["a vendor that is there", ["apixo"], "packages/emulator/src/vendors/apixo exists"],
  ["an unknown option", ["acme", "--force"], "--force"],
])("%s is refused, with exit code 2", (_, args, words) => {
  const { status, output } = scaffold(...args);
  expect(output).toContain(words);
  expect(status).toBe(2);
});

test("--help says how it is used", () => {
  const { status, output } = scaffold("--help");
  expect(output).toContain("npm run new:vendor <name>");
  expect(status).toBe(0);
});

test("what it writes is formatted, has its types, and passes its own tests", () => {
  const written = scaffold("zeta-video");
  expect(written).toMatchObject(green);
  expect(written.output).toContain("What is left for you");
  expect(readFileSync(join(copy, "fixtures/SOURCES.md"), "utf8")).toContain("## zeta-video");

  const vendor = join(copy, "packages/zeta-video");
  mkdirSync(join(vendor, "node_modules/@vidtask"), { recursive: true });
  symlinkSync(join(root, "packages/core"), join(vendor, "node_modules/@vidtask/core"));
  const dialect = "packages/emulator/src/vendors/zeta-video";
  const config = { extends: "./tsconfig.base.json", include: ["packages/zeta-video/src", dialect] };
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify(config));

  expect(tool("oxfmt", ["--check", "packages/zeta-video", dialect])).toMatchObject(green);
  expect(tool("tsc", ["--singleThreaded", "-p", "."])).toMatchObject(green);
  const vitest = ["run", "--config", join(root, ".ci/vitest.config.ts"), "--root", ".", "--mode"];
  expect(tool("vitest", [...vitest, "unit"], vendor)).toMatchObject(green);
  expect(tool("vitest", [...vitest, "contract"], vendor)).toMatchObject(green);
  expect(tool("vitest", [...vitest, "unit", "zeta-video"], join(copy, "packages/emulator"))).toMatchObject(green);

  expect(scaffold("zeta-video").output).toContain("packages/zeta-video exists");
});
