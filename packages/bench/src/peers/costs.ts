// What takes real time, each client beside the others by turns: CPU, memory, a start, a compiler's time; and sizes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../../.ci/pack.ts";
import type { Cost } from "../call/cost.ts";
import { rowsOf, sideBySide, type Row, type Subject } from "../side-by-side.ts";
import type { Installed } from "./install.ts";
import { size } from "./measures/size.ts";
import { types, type Types } from "./measures/types.ts";
import type { Peer } from "./peer.ts";
import { BARE, peers } from "./peers.ts";
import type { PeerResults, Spread } from "./results.ts";
import { serve } from "./server.ts";
import { createVendor } from "./vendor.ts";

const PROGRAM = join(import.meta.dirname, "peer-program.ts");
const POLLS = 10;
const ROUNDS = {
  quick: { cost: 2, lives: 40, start: 5, compile: 0 },
  full: { cost: 9, lives: 100, start: 21, compile: 5 },
};

export type Costs = Pick<PeerResults, "cpu" | "allocated" | "start" | "size" | "compile" | "types" | "instantiations">;
type All = ReadonlyMap<string, Installed>;

export async function costs(installed: All, isQuick: boolean): Promise<Map<string, Costs>> {
  const rounds = isQuick ? ROUNDS.quick : ROUNDS.full;
  const found = new Map(peers.map(({ name }) => [name, { cpu: [] as number[], allocated: [] as number[] }]));
  for (let round = 0; round < rounds.cost; round++)
    for (let turn = 0; turn < peers.length; turn++) {
      const peer = peers[(round + turn) % peers.length];
      if (!peer) continue;
      const { cpu, allocated } = await lives(peer, of(installed, peer.name).entry, rounds.lives);
      of(found, peer.name).cpu.push(cpu);
      of(found, peer.name).allocated.push(allocated);
    }
  const table = (what: "cpu" | "allocated") =>
    spreads(rowsOf([...found].map(([name, figures]) => ({ name, figures: figures[what] }))), BARE);
  const [cpu, allocated] = [table("cpu"), table("allocated")];
  const starts = await start(installed, rounds.start);
  const { rows: compile, counts } = await compiles(installed, rounds.compile);
  const all = new Map<string, Costs>();
  for (const { name } of peers) {
    const { types: count, instantiations } = of(counts, name);
    all.set(name, {
      cpu: of(cpu, name),
      allocated: of(allocated, name),
      start: of(starts, name),
      compile: of(compile, name),
      size: await size(of(installed, name)),
      types: count,
      instantiations,
    });
  }
  return all;
}

function of<T>(all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}

/** One process, its vendor in this one. */
async function lives(peer: Peer, entry: string, rounds: number): Promise<Cost> {
  let baseUrl = "";
  const { dialect } = peer;
  const now = () => Date.now();
  const vendor = createVendor({ dialect, now, taskMs: 0, taskPolls: POLLS, baseUrl: () => baseUrl });
  const server = await serve(vendor, async () => {});
  ({ baseUrl } = server);
  try {
    const options = JSON.stringify({ baseUrl, rounds });
    return JSON.parse(await run(process.execPath, [PROGRAM, "cost", peer.name, entry, options])) as Cost;
  } finally {
    await server.close();
  }
}

const EMPTY = "an empty program";
let programs = 0;

/** The CPU of a program that does nothing else, in ms: on a machine that does other things it is steadier than the time. */
function importing(name: string, folder: string, code: string): Subject {
  const file = join(folder, `start-${programs++}.mjs`);
  writeFileSync(file, `${code}\nconsole.log(JSON.stringify(process.cpuUsage()));\n`);
  const measure = async () => {
    const { user, system } = JSON.parse(await run(process.execPath, [file], { cwd: folder })) as NodeJS.CpuUsage;
    return (user + system) / 1_000;
  };
  return { name, measure };
}

async function start(installed: All, rounds: number): Promise<Map<string, Spread>> {
  const subjects = peers.map(({ name }) => {
    const { folder, entry } = of(installed, name);
    return importing(name, folder, `import ${JSON.stringify(entry)};`);
  });
  const empty = importing(EMPTY, of(installed, BARE).folder, "");
  return spreads(await sideBySide([empty, ...subjects], rounds), EMPTY);
}

async function compiles(installed: All, rounds: number) {
  const counts = new Map<string, Types>();
  const subjects = peers.map((peer) => {
    const measure = async () => {
      const found = types(peer, of(installed, peer.name));
      counts.set(peer.name, found);
      return found.ms;
    };
    return { name: peer.name, measure };
  });
  const rows = rounds === 0 ? await once(subjects) : await sideBySide(subjects, rounds);
  return { rows: spreads(rows, BARE), counts };
}

/** One figure each, in a hurry. */
async function once(subjects: readonly Subject[]): Promise<Row[]> {
  const measured: { name: string; figures: number[] }[] = [];
  for (const { name, measure } of subjects) measured.push({ name, figures: [await measure()] });
  return rowsOf(measured);
}

/** By name, and the ratios to that one. */
function spreads(rows: readonly Row[], unit: string): Map<string, Spread> {
  const one = rows.find(({ name }) => name === unit)?.median ?? Number.NaN;
  return new Map(rows.map(({ name, median, low, high }) => [name, { median, low, high, ratio: median / one }]));
}
