// `npm run bench emulator`: the status requests that the emulator answers in a second, beside a bare Hono with a constant body.
import { builtPackages, type Built } from "./built.ts";
import { load } from "./emulator/load.ts";
import { startServer, type Server } from "./emulator/server.ts";
import { report, rowOf, rowsOf, type Row } from "./side-by-side.ts";

const HONO = "a bare Hono";
const AT_ONCE = 32;
/** What is promised: a percentage of Hono's requests over HTTP, and how many times the heap of the first look the last has. */
const LIMITS = { share: 60, heap: 1.1 };
const LOOKS = [100_000, 500_000, 1_000_000];

type EmulatorOptions = { isQuick?: boolean; before?: string | undefined };

export async function benchEmulator({ isQuick = false, before }: EmulatorOptions = {}): Promise<number> {
  const built = await builtPackages(before);
  const [now = { name: "now", folder: "." }] = built.toReversed();
  const [rounds, ms] = isQuick ? [9, 200] : [41, 300];
  const http = await byTurns(now, built, rounds, async (server) => overHttp(server, ms));
  const inside = await byTurns(now, built, rounds, async (server) => inProcess(server, ms));
  const heap = await heapOf(now, isQuick ? LOOKS.map((count) => count / 5) : LOOKS);
  // What slows the machine down for longer than a round slows both.
  const shares = rowsOf(sharesOf(http));
  report("emulator", {
    [`Requests a second over HTTP, ${AT_ONCE} at a time`]: rowsAt(http, 0),
    "Per cent of Hono's, round by round": shares,
    "Microseconds of CPU for one of them": rowsAt(http, 1),
    [`Requests a second in process, ${AT_ONCE} at a time`]: rowsAt(inside, 0),
    "MB of heap after so many requests over HTTP": heap,
  });
  const broken = slowEmulators(shares, heap);
  for (const one of broken) console.log(`Not as promised: ${one}`);
  return broken.length === 0 ? 0 : 1;
}

const named = (of: string): string => `the emulator, ${of}`;

/** What of this clone is not as promised. */
export function slowEmulators(shares: readonly Row[], heap: readonly Row[]): string[] {
  const share = rowOf(shares, named("now"))?.median ?? 0;
  const growth = heap.at(-1)?.ratio ?? Infinity;
  return [
    ...(share >= LIMITS.share ? [] : [`${share.toFixed(0)} % of ${HONO}, below ${LIMITS.share} %`]),
    ...(growth <= LIMITS.heap ? [] : [`the heap grows ${growth.toFixed(2)} times, above ${LIMITS.heap}`]),
  ];
}

/** The figures of each round of one server. */
type Measured = { name: string; rounds: (readonly number[])[] };

/** Hono and each emulator, in processes that do nothing else. The first round warms up. */
async function byTurns(
  now: Built,
  built: readonly Built[],
  rounds: number,
  measure: (server: Server) => Promise<readonly number[]>,
): Promise<Measured[]> {
  const servers = [{ name: HONO, server: await startServer("hono", now.folder), rounds: [] as (readonly number[])[] }];
  for (const { name, folder } of built)
    servers.push({ name: named(name), server: await startServer("emulator", folder), rounds: [] });
  for (let round = 0; round <= rounds; round++)
    for (const one of servers) {
      const figures = await measure(one.server);
      if (round > 0) one.rounds.push(figures);
    }
  for (const { server } of servers) server.close();
  return servers;
}

/** Requests a second, and microseconds of CPU for one. */
async function overHttp(server: Server, ms: number): Promise<readonly number[]> {
  const used = await server.ask({ what: "cpu" });
  const [began, end] = [performance.now(), performance.now() + ms];
  const count = await load(server, AT_ONCE, () => performance.now() < end);
  const rate = (count / (performance.now() - began)) * 1000;
  return [rate, ((await server.ask({ what: "cpu" })) - used) / count];
}

const inProcess = async (server: Server, ms: number): Promise<readonly number[]> => [
  await server.ask({ what: "inProcess", ms, atOnce: AT_ONCE }),
];

const rowsAt = (measured: readonly Measured[], at: number): Row[] =>
  rowsOf(measured.map(({ name, rounds }) => ({ name, figures: rounds.map((round) => round[at] ?? Number.NaN) })));

const sharesOf = ([hono, ...emulators]: readonly Measured[]): { name: string; figures: number[] }[] =>
  emulators.map(({ name, rounds }) => ({
    name,
    figures: rounds.map(([rate = 0], round) => (100 * rate) / (hono?.rounds[round]?.[0] ?? Number.NaN)),
  }));

async function heapOf({ folder }: Built, looks: readonly number[]): Promise<Row[]> {
  const server = await startServer("emulator", folder);
  const found: { name: string; figures: number[] }[] = [];
  let sent = 0;
  for (const until of looks) {
    const most = until - sent - AT_ONCE;
    sent += await load(server, AT_ONCE, (answered) => answered <= most);
    found.push({ name: until.toLocaleString("en"), figures: [(await server.ask({ what: "heap" })) / 2 ** 20] });
  }
  server.close();
  return rowsOf(found);
}
