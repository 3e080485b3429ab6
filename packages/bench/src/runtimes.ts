// `pnpm test:runtimes`: paid requests read by the server per submit, over real sockets, on every runtime.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "tsup";
import { mutantNames, runMutated } from "./mutants.ts";
import { endCleanly, onInterrupt, seconds } from "./progress.ts";
import { cases, type Case } from "./runtimes/cases.ts";
import { install, runtimes, type Runtime } from "./runtimes/install.ts";
import type { Told } from "./runtimes/program.ts";
import { startRaw } from "./runtimes/server.ts";
import { scratchFolder } from "./scratch.ts";

const LONGEST_MS = 60_000;
const OPEN_AFTER_MS = 400;

const { values } = parseArgs({ options: { only: { type: "string" }, mutant: { type: "string" } } });
const only = values.only?.split(",");

endCleanly();
if (values.mutant === undefined) process.exitCode = await run();
else if (!mutantNames.includes(values.mutant)) throw new RangeError(`--mutant: one of ${mutantNames.join(", ")}`);
else process.exitCode = await runMutated(values.mutant, "runtimes.ts", only ? ["--only", only.join(",")] : []);

async function run(): Promise<number> {
  const started = performance.now();
  const scratch = scratchFolder();
  const entry = { program: join(import.meta.dirname, "runtimes/program.ts") };
  // One file for all: the sources as they are, with every dependency inside.
  await build({
    entry,
    format: "esm",
    outDir: scratch.file("out"),
    noExternal: [/.*/],
    platform: "neutral",
    config: false,
    silent: true,
  });
  const program = scratch.file("out/program.js");
  let wrong = 0;
  console.log("runtime        fault          paid requests read per submit   endings");
  for (const runtime of runtimes.filter(({ name }) => only?.some((start) => name.startsWith(start)) ?? true)) {
    const found = await install(runtime, console.log);
    if (typeof found === "string") {
      wrong++;
      console.log(`${runtime.name.padEnd(15)}${found}`);
      continue;
    }
    for (const one of cases) {
      const { line, isRight } = await runCase(runtime, found.path, program, one);
      if (!isRight) wrong++;
      console.log(`${`${runtime.isNode ? "node" : runtime.name} ${found.version}`.padEnd(15)}${line}`);
    }
  }
  scratch.remove();
  console.log(wrong === 0 ? `\nAll as wanted, ${seconds(started)}.` : `\n${wrong} NOT as wanted, ${seconds(started)}.`);
  return wrong === 0 ? 0 : 1;
}

async function runCase(runtime: Runtime, path: string, program: string, { fault, what, submits, ...rest }: Case) {
  const server = await startRaw(fault);
  const wanted = (runtime.isNode && rest.onNode) || rest.wanted;
  const about = JSON.stringify({ baseUrl: `http://127.0.0.1:${server.port}/api/v1`, fault, submits });
  const told = await runProgram(path, [...runtime.args, program, about], () => setTimeout(server.open, OPEN_AFTER_MS));
  const posts = server.posts();
  await server.close();
  const endings = typeof told === "string" ? [told] : told.endings;
  const alarms = typeof told === "string" ? [] : told.alarms;
  const isRight =
    posts === wanted.posts * submits &&
    endings.length === submits &&
    endings.every((ending) => ending === wanted.ending) &&
    (wanted.posts === 1 || alarms.filter((alarm) => alarm === "double_send").length === submits);
  const counts = [...new Set(endings)].map((ending) => `${endings.filter((one) => one === ending).length} × ${ending}`);
  const told2 = alarms.length > 0 ? `; alarms: ${[...new Set(alarms)].join(", ")}` : "";
  const much = `${(posts / submits).toFixed(2)} (${posts}/${submits})${server.reused() > 0 ? `, ${server.reused()} on a reused connection` : ""}`;
  const verdict = isRight ? "" : `  !! wanted ${wanted.posts} and ${wanted.ending}: ${what}`;
  return { isRight, line: `${fault.padEnd(15)}${much.padEnd(32)}${counts.join("; ")}${told2}${verdict}` };
}

/** What the program told, or why it did not. */
function runProgram(path: string, args: readonly string[], onGo: () => void): Promise<Told | string> {
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  const kill = () => child.kill("SIGKILL");
  const forget = onInterrupt(kill);
  const tooLong = setTimeout(kill, LONGEST_MS);
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
    if (out.trim() === "go") onGo();
  });
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => {
      clearTimeout(tooLong);
      forget();
      const last = out.trim().split("\n").at(-1) ?? "";
      resolve(last.startsWith("{") ? (JSON.parse(last) as Told) : `ended with ${code}: ${errors.trim().slice(0, 200)}`);
    });
  });
}
