// `pnpm check` and `npm test`: every check, or those named (`node .ci/check.mjs lint types`).
// A test counts as one, every other check as one. The last line is `N passed, N failed`.
import { spawn, spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { forgetReports, packagesWith, readReports } from "./totals.mjs";

const root = join(import.meta.dirname, "..");
const colors = process.stdout.isTTY && !process.env.NO_COLOR;
const env = {
  ...process.env,
  PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1",
  PACT_DO_NOT_TRACK: "true",
  ...(colors ? { FORCE_COLOR: "1" } : { NO_COLOR: "1", FORCE_COLOR: undefined }),
};

function run(file, ...args) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(file, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ ok: false, output: String(error) }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

const one = (ok, output) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, output });
const tool =
  (...command) =>
  async () => {
    const { ok, output } = await run(...command);
    return one(ok, output);
  };
const turbo = (task) =>
  run("turbo", "run", task, "--continue=always", "--output-logs=errors-only", "--log-order=grouped");
const tests = (task, mode) => async () => {
  const folders = packagesWith(root, task);
  forgetReports(folders, mode);
  const { ok, output } = await turbo(task);
  const { passed, failed, problems } = readReports(root, folders, mode);
  const hidden = !ok && failed === 0;
  if (hidden) problems.push(`turbo run ${task} failed, though every report is green`);
  return { passed, failed: failed + (hidden ? 1 : 0), output: ok ? "" : output, problems };
};
const built = (task) => async () => {
  const { ok, output } = await turbo(task);
  return one(ok, output);
};
// What is built, as its tarballs: packed once for all checks that look at them.
let project;
const packed = (check) => async () => {
  const { packedProject } = await import("./pack.ts");
  return check(await (project ??= packedProject()));
};
const status = () =>
  spawnSync("git", ["status", "--porcelain", "--", ".", ":!contracts"], { cwd: root, encoding: "utf8" }).stdout;

async function contractsUnchanged() {
  const diff = await run("git", "--no-pager", "diff", "--exit-code", "--", "contracts");
  const untracked = await run("git", "ls-files", "--others", "--exclude-standard", "--", "contracts");
  const ok = diff.ok && untracked.ok && untracked.output === "";
  return one(
    ok,
    `${diff.output}${untracked.output && `Not committed: ${untracked.output}`}
If the change is wanted, commit contracts/ with it; if not, the client no longer keeps what the contract says.`,
  );
}

const before = status();
// Two at a time, one of each list: what the tests of a package wait for is time for another check.
const lists = [
  {
    test: tests("test", "unit"),
    contract: tests("contract", "contract"),
    "contracts unchanged": contractsUnchanged,
    verify: tests("verify", "verify"),
  },
  {
    format: tool("oxfmt", "--check", "."),
    lint: tool("oxlint", "--deny-warnings"),
    layout: tool("depcruise", "packages"),
    unused: tool("knip", "--no-progress", "--no-config-hints"),
    repository: async () => (await import("./repository.mjs")).repository(),
    docstrings: tool("node", ".ci/api.mjs", "--check"),
    types: tool("tsc", "-p", ".ci"),
    build: built("build"),
    packages: packed(async ({ packages }) => (await import("./packages.ts")).checkPackages(packages)),
    hover: packed(async (project) => (await import("../packages/e2e/src/consumers/hover.ts")).checkHover(project)),
    consumers: packed(async (project) =>
      (await import("../packages/e2e/src/consumers/check.ts")).checkConsumers(project),
    ),
    budgets: tool("size-limit"),
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
    const {
      passed,
      failed,
      output = "",
      problems = [],
      notes = [],
    } = await check().catch((error) => one(false, String(error)));
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
