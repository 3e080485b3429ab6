// `npm run test:runtimes`: paid requests read by a server per submit, and the conformance suite over HTTP, on every runtime.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { each, endCleanly, onInterrupt, sayNowAndThen, seconds } from "@vidtask/bench/progress";
import { mutantNames, mutants, mutate } from "./mutants.ts";
import { openWorld, runSetup, type NodeBinary } from "./processes/run.ts";
import { setups } from "./processes/setups.ts";
import { processRows, PROCESS_HEAD, type Seen } from "./processes/table.ts";
import { bundle, type Bundles } from "./runtimes/bundle.ts";
import { CONFORMANCE_HEAD, runConformanceOn } from "./runtimes/conformance/run.ts";
import { openHost, type Host } from "./runtimes/host.ts";
import { binaryOf, install, installLibraries, runtimes, type Runtime } from "./runtimes/install.ts";
import { seenBy } from "./runtimes/paid/cases.ts";
import { casesOn, PAID_HEAD, runCase } from "./runtimes/paid/run.ts";
import { scratchFolder } from "./scratch.ts";

const HELP = `npm run test:runtimes -- [--only runtime,…] [--part paid|conformance|processes] [--case name,…] [--mutants | --mutant name]

Runs one bundle of the sources on ${runtimes.map(({ name }) => name).join(", ")}
against servers on this machine. The runtimes come from the npm registry into node_modules/.cache, 1 GB in all, once.
It ends with a table for each part, and with exit code 1 when anything in it is not as wanted.

  paid         raw sockets, each paid request after a GET on a kept-alive connection: how many of them a server reads
  conformance  describeVendor for each vendor, what a program does with them over HTTP to the emulator, and ./node
  processes    on Node, what else may be in a process: metrics, tracers, mocks, npm's undici, proxies, a fetch of its own

  --only     runtimes whose names begin so
  --part     one of the parts
  --case     faults of the part "paid", or processes, whose names begin so
  --mutants  breaks copies of the sources, one rule each, and expects the part "paid" to notice on every runtime:
             ${mutantNames.join(", ")}; --mutant runs one of them
`;

const PARTS = ["paid", "conformance", "processes"];
const ROOT = join(import.meta.dirname, "../../..");
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    part: { type: "string" },
    case: { type: "string" },
    mutants: { type: "boolean", default: false },
    mutant: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const begins = (starts: string | undefined) => (name: string) =>
  starts?.split(",").some((start) => name.startsWith(start)) ?? true;
const chosen = runtimes.filter(({ name }) => begins(values.only)(name));
const isCase = begins(values.case);
const isPart = (part: string) => (values.part ?? part) === part;
const say = (text: string) => console.log(`       ${text}`);
const labelOf = ({ kind, version, compatibilityDate }: Runtime) =>
  `${kind} ${version}${compatibilityDate === undefined ? "" : ` as of ${compatibilityDate}`}`;

const MUTANT_HEAD = ["mutant", "runtime", "fault", "what was wanted", ...PAID_HEAD.slice(0, 2), PAID_HEAD.at(-1) ?? ""];

endCleanly();
const misused = misuse();
if (values.help) console.log(HELP);
else if (misused !== undefined) {
  console.error(misused);
  process.exitCode = 2;
} else process.exitCode = values.mutants || values.mutant !== undefined ? await runMutants() : await run();

function misuse(): string | undefined {
  if (chosen.length === 0) return `--only takes the beginnings of ${runtimes.map(({ name }) => name).join(", ")}`;
  if (values.part !== undefined && !PARTS.includes(values.part)) return `--part takes one of ${PARTS.join(", ")}`;
  if (values.mutant !== undefined && !mutants[values.mutant]) return `--mutant takes one of ${mutantNames.join(", ")}`;
  return undefined;
}

async function run(): Promise<number> {
  const started = performance.now();
  const paid: string[][] = [];
  const conformance: string[][] = [];
  const wrong: string[] = [];
  const processes: Seen = new Map();
  const libraries = isPart("processes") ? await librariesOrWrong(wrong) : "";
  await withBundles(ROOT, (bundles) =>
    onEach(wrong, bundles, async (runtime, host, folder) => {
      const label = labelOf(runtime);
      if (isPart("paid"))
        for (const one of casesOn(runtime).filter(({ fault }) => isCase(fault))) {
          const row = await runCase(runtime, host, one);
          paid.push([label, row.fault, ...row.cells]);
          say(`${label}, ${row.fault} (${one.what}): ${row.cells[0]}, ${row.cells.at(-1)}`);
          wrong.push(...row.wrong.map((rule) => `${label}, ${row.fault}: wanted: ${rule}`));
        }
      if (isPart("conformance")) {
        const still = sayNowAndThen((text) => say(`${label}, conformance, ${text}`));
        const row = await runConformanceOn(host, bundles.nodeCases, still);
        conformance.push([label, ...row.cells]);
        wrong.push(...row.wrong.map((what) => `${label}: ${what}`));
      }
      if (isPart("processes") && runtime.kind === "node") {
        const node = { binary: binaryOf(folder, runtime), major: Number(runtime.version.split(".")[0]) };
        wrong.push(...(await runProcesses(node, libraries, processes)));
      }
    }),
  );
  if (paid.length > 0) console.log(`\n${table(["runtime", "fault", ...PAID_HEAD], paid)}`);
  if (conformance.length > 0) console.log(`\n${table(["runtime", ...CONFORMANCE_HEAD], conformance)}`);
  if (processes.size > 0) console.log(`\n${table(PROCESS_HEAD, processRows(processes))}`);
  return verdict(wrong, paid.length + conformance.length + processes.size, started);
}

async function librariesOrWrong(wrong: string[]): Promise<string> {
  const found = await installLibraries(say);
  if ("folder" in found) return found.folder;
  wrong.push(`msw, nock and node-fetch: ${found.problem}`);
  return "";
}

/** @returns what is not as wanted */
async function runProcesses(node: NodeBinary, libraries: string, seen: Seen): Promise<string[]> {
  const world = await openWorld(libraries);
  const wrong: string[] = [];
  const chosen = setups.filter(({ name, runsOn }) => isCase(name) && (runsOn?.(node.major) ?? true));
  for (const { name } of chosen) if (!seen.has(name)) seen.set(name, new Map()); // in their order
  await each(chosen, 2, async (setup) => {
    const cells = await runSetup(node, setup, world);
    seen.get(setup.name)?.set(node.major, cells);
    say(`node ${node.major}, ${setup.name}: ${cells.map(({ outcome, shown }) => `${outcome}: ${shown}`).join("; ")}`);
    for (const { outcome, wrong: found } of cells)
      wrong.push(...found.map((what) => `node ${node.major}, ${setup.name}, ${outcome}: ${what}`));
  });
  world.close();
  return wrong;
}

/** Each mutant must be seen on every runtime where it breaks anything. */
async function runMutants(): Promise<number> {
  const started = performance.now();
  const rows: string[][] = [];
  const wrong: string[] = [];
  for (const name of values.mutant === undefined ? mutantNames : [values.mutant]) {
    const broken = mutants[name]?.broken ?? "";
    const faults = seenBy[name];
    if (!faults) throw new Error(`no fault is listed that shows the mutant ${name}`);
    say(`mutant ${name}: ${broken}`);
    const copy = mutate(name);
    await withBundles(copy.root, (bundles) =>
      onEach(wrong, bundles, async (runtime, host) => {
        for (const one of casesOn(runtime).filter(({ fault }) => faults[runtime.kind]?.includes(fault))) {
          const row = await runCase(runtime, host, one);
          const isSeen = row.isTold && row.wrong.length > 0;
          rows.push([
            name,
            labelOf(runtime),
            row.fault,
            row.wrong.join("; ") || "NOT SEEN",
            ...row.cells.slice(0, 2),
            row.cells.at(-1) ?? "",
          ]);
          say(rows.at(-1)?.slice(1).join(", ") ?? "");
          if (!isSeen) wrong.push(`${labelOf(runtime)}, ${row.fault}: does not notice that ${broken}`);
        }
      }),
    );
    copy.remove();
  }
  console.log(`\n${table(MUTANT_HEAD, rows)}`);
  return verdict(wrong, rows.length, started);
}

async function withBundles(root: string, work: (bundles: Bundles) => Promise<void>): Promise<void> {
  const scratch = scratchFolder();
  say("bundling …");
  try {
    await work(await bundle(root, scratch.file("out")));
  } finally {
    scratch.remove();
  }
}

async function onEach(
  wrong: string[],
  bundles: Bundles,
  work: (runtime: Runtime, host: Host, folder: string) => Promise<void>,
): Promise<void> {
  for (const runtime of chosen) {
    const found = await install(runtime, say);
    if ("problem" in found) {
      wrong.push(`${labelOf(runtime)}: ${found.problem}`);
      continue;
    }
    say(`${labelOf(runtime)} …`);
    const host = await openHost(runtime, found.folder, bundles);
    const forget = onInterrupt(() => void host.close());
    await work(runtime, host, found.folder);
    await host.close();
    forget();
  }
}

function verdict(wrong: readonly string[], rows: number, started: number): number {
  const problems = rows === 0 && wrong.length === 0 ? ["nothing ran: no case is left by these options"] : wrong;
  console.log(
    problems.length === 0 ? `\nAll as wanted, ${seconds(started)}.` : `\nNOT as wanted, ${seconds(started)}:`,
  );
  for (const line of problems) console.log(`  ${line}`);
  return problems.length === 0 ? 0 : 1;
}

/** A table in Markdown that can be read as it stands. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${width.map((size, column) => (cells[column] ?? "").padEnd(size)).join(" | ")} |`;
  return [line(head), `|${width.map((size) => "-".repeat(size + 2)).join("|")}|`, ...rows.map(line)].join("\n");
}
