// `npm run check` and `npm test`: every check, or those named (`node .ci/check.mjs lint types`).
// A test counts as one, every other check as one. The last line is `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packedProject, root, run } from "./pack.ts";
import { forgetReports, packagesWith, readReports } from "./totals.mjs";

const colors = process.stdout.isTTY && !process.env.NO_COLOR;
const env = {
  PACT_DO_NOT_TRACK: "true",
  ...(colors ? { FORCE_COLOR: "1" } : { NO_COLOR: "1", FORCE_COLOR: undefined }),
};

// What a program is compiled to is kept for the next one that starts; those in Go may take memory rather than time.
process.env.NODE_COMPILE_CACHE ??= join(root, "node_modules/.cache/node-compile");
process.env.GOGC ??= "400";

const one = (ok, output) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, output });
const fault = (error) => one(false, error instanceof Error ? error.message : String(error));
const tool =
  (file, ...args) =>
  async () =>
    one(true, await run(file, args, { env }));
const turbo = (task) =>
  tool("turbo", "run", task, "--continue=always", "--output-logs=errors-only", "--log-order=grouped");
const tests =
  (script, mode = script, command = turbo(script)) =>
  async () => {
    const folders = packagesWith(root, script);
    forgetReports(folders, mode);
    const { failed: isRed, output } = await command().catch(fault);
    const { passed, failed, problems } = readReports(root, folders, mode);
    const hidden = isRed && failed === 0 ? 1 : 0;
    if (hidden) problems.push(`the script "${script}" failed, though every report is green`);
    return { passed, failed: failed + hidden, output: isRed ? output : "", problems };
  };
// What is built, as its tarballs: packed once for all checks that look at them.
let project;
const packed = (check) => async () => check(await (project ??= packedProject()));
const git = (...args) => spawnSync("git", ["--no-pager", ...args], { cwd: root, encoding: "utf8" }).stdout;
const status = () => git("status", "--porcelain", "--", ".", ":!contracts");

async function contractsUnchanged() {
  const changes = git("diff", "--", "contracts") + git("ls-files", "--others", "--exclude-standard", "--", "contracts");
  return one(
    changes === "",
    `${changes}
If the change is wanted, commit contracts/ with it; if not, the client no longer keeps what the contract says.`,
  );
}

const before = status();
// Two at a time, one of each list: what the tests of a package wait for is time for another check.
const lists = [
  {
    test: tests("test", "unit"),
    contract: tests("contract"),
    "contracts unchanged": contractsUnchanged,
    verify: tests("verify"),
    facts: async () => (await import("../packages/docs/src/facts.ts")).checkFacts(),
  },
  {
    format: tool("oxfmt", "--check", "."),
    lint: tool("oxlint", "--deny-warnings"),
    layout: tool("depcruise", "packages"),
    unused: tool("knip", "--no-progress", "--no-config-hints"),
    repository: async () => (await import("./repository.mjs")).repository(),
    docstrings: tool("node", "packages/docs/src/api-reference.mjs", "--check"),
    // With the samples of READMEs and guides.
    types: async () =>
      tool("tsc", "--singleThreaded", "-p", (await import("../packages/docs/src/write-samples.ts")).writeSamples())(),
    build: turbo("build"),
    packages: packed(async ({ packages }) => (await import("./packages.ts")).checkPackages(packages)),
    packed: packed(async ({ folder }) => {
      process.env.VIDTASK_PACKED = folder;
      return tests("packed", "packed", tool("pnpm", "--dir", "packages/e2e", "run", "packed"))();
    }),
    hover: packed(async (project) => (await import("../packages/e2e/src/consumers/hover.ts")).checkHover(project)),
    consumers: packed(async (project) =>
      (await import("../packages/e2e/src/consumers/check.ts")).checkConsumers(project),
    ),
    budgets: packed(async ({ folder }) => (await import("./budgets.ts")).checkBudgets(folder)),
    surface: packed(async (project) => (await import("./surface.ts")).checkSurface(project)),
  },
];
const atTheEnd = {
  "clone left clean": async () => {
    const after = status();
    return one(before === after, `git status before:\n${before}\nand after:\n${after}`);
  },
};

const all = [...lists, atTheEnd].flatMap((list) => Object.keys(list));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(", ")}. There are: ${all.join(", ")}\n`);
  process.exit(2);
}

const rows = [];
async function runAll(list) {
  for (const [name, check] of Object.entries(list)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const started = performance.now();
    const { passed, failed, output = "", problems = [], notes = [] } = await check().catch(fault);
    const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    process.stdout.write(`${name} … ${failed === 0 ? "ok" : "FAILED"} (${seconds})\n`);
    if (failed > 0) process.stdout.write(`\n${[output.trim(), ...problems].filter(Boolean).join("\n")}\n\n`);
    for (const note of notes) process.stdout.write(`  ${note}\n`);
    rows.push({ name, passed, failed, seconds });
  }
}
await Promise.all(lists.map(runAll));
await runAll(atTheEnd);

const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const width = Math.max(...rows.map((row) => row.name.length));
process.stdout.write(`\n${"check".padEnd(width)}  passed  failed     time\n`);
for (const { name, passed, failed, seconds } of rows) {
  const line = [String(passed).padStart(6), String(failed || "-").padStart(6), seconds.padStart(7)];
  process.stdout.write(`${name.padEnd(width)}  ${line.join("  ")}\n`);
}
process.stdout.write(`\n${sum("passed")} passed, ${sum("failed")} failed\n`);
process.exitCode = sum("failed") > 0 ? 1 : 0;
