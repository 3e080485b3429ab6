// `npm run test:mutants`: breaks one rule at a time in a copy of the sources, and sees that a test fails.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
    const { verdict, lines } = await judge(mutant);
    if (verdict !== "seen") survived++;
    console.log(`${verdict.padEnd(8)} ${name} (${seconds(started)}): ${mutant.broken}`);
    for (const line of lines) console.log(`         ${line}`);
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

/** `BROKEN`: the run failed, and no test of it did. A mutant that does not load, or whose set-up hangs, proves nothing. */
type Judged = { verdict: "seen" | "SURVIVED" | "BROKEN"; lines: string[] };

async function judge(mutant: UnitMutant): Promise<Judged> {
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
    return verdictOf(code, join(cwd, `.reports/${mode}.json`));
  } finally {
    remove();
  }
}

type Report = {
  testResults: {
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages?: string[] }[];
  }[];
};

/** The first test that failed, and why: a test may be red for another reason than the one that it is there for. */
function verdictOf(code: number, path: string): Judged {
  const { testResults } = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Report) : { testResults: [] };
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === "failed");
  if (failed) return { verdict: "seen", lines: [failed.fullName.trim(), firstLineOf(failed.failureMessages?.[0])] };
  if (code !== 0)
    return { verdict: "BROKEN", lines: [firstLineOf(testResults.find(({ message }) => message)?.message)] };
  return tests.some(({ status }) => status === "passed")
    ? { verdict: "SURVIVED", lines: [] }
    : { verdict: "BROKEN", lines: ["no test has that name"] };
}

function firstLineOf(text = "no test was run"): string {
  return text.split("\n", 1).join("");
}
