// `npm run test:mutants`: breaks one rule at a time in a copy of the sources, and sees that a test fails.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { endCleanly, onInterrupt, seconds } from "@vidtask/bench/progress";
import { copyWith, type UnitMutant } from "./mutated-copy.ts";
import { unitMutants } from "./unit-mutants.ts";

const asked = process.argv.slice(2);
const names = Object.keys(unitMutants).filter((name) => asked.length === 0 || asked.includes(name));
const unknown = asked.filter((name) => !unitMutants[name]);

endCleanly();
if (unknown.length > 0) {
  console.error(`There is no mutant ${unknown.join(", ")}. There are: ${Object.keys(unitMutants).join(", ")}`);
  process.exitCode = 2;
} else {
  if (names.some((name) => unitMutants[name]?.tests.mode === "stores")) setUpServers();
  let survived = 0;
  for (const name of names) {
    const mutant = unitMutants[name];
    if (!mutant) continue;
    const started = performance.now();
    const red = await failingTest(mutant);
    if (red === undefined) survived++;
    const verdict = red === undefined ? "SURVIVED" : "seen    ";
    console.log(
      `${verdict} ${name} (${seconds(started)}): ${mutant.broken}${red === undefined ? "" : `\n         ${red}`}`,
    );
  }
  console.log(`\n${names.length - survived} passed, ${survived} failed`);
  process.exitCode = survived === 0 ? 0 : 1;
}

function setUpServers(): void {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "../../stores/src/test/set-up.ts")], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}

/** The name of the first test that fails with this mutant. */
async function failingTest(mutant: UnitMutant): Promise<string | undefined> {
  const { root, remove } = copyWith(mutant);
  try {
    const { package: name, files, mode = "unit", only } = mutant.tests;
    const cwd = join(root, "packages", name);
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const config = join(root, ".ci/vitest.config.ts");
    const args = [
      vitest,
      "run",
      "--config",
      config,
      "--root",
      ".",
      "--mode",
      mode,
      ...files,
      ...(only ? ["-t", only] : []),
    ];
    const child = spawn(process.execPath, args, { cwd, stdio: "ignore" });
    const forget = onInterrupt(() => child.kill("SIGTERM"));
    const code = await new Promise<number>((resolve) => child.once("close", (ended) => resolve(ended ?? 1)));
    forget();
    if (code === 0) return undefined;
    return firstFailure(join(cwd, `.reports/${mode}.json`));
  } finally {
    remove();
  }
}

/** @throws Error when no test ran: a mutant that does not load proves nothing */
function firstFailure(path: string): string {
  const report = JSON.parse(readFileSync(path, "utf8")) as {
    testResults: { assertionResults: { status: string; fullName: string }[] }[];
  };
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === "failed");
  if (!failed) throw new Error("the run failed, and no test of it: the mutant breaks more than a rule");
  return failed.fullName.trim();
}
