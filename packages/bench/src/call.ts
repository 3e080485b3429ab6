// `npm run bench call`: the CPU and the memory of a submit and ten polls, and of the polls alone, beside a loop over a bare
// `fetch` and one over ky, without which no call but the paid one is made; and of ten thousand waits at once.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { run } from "../../../.ci/pack.ts";
import { builtPackages, type Built } from "./built.ts";
import type { Cost } from "./call/cost.ts";
import { report, rowOf, rowsOf, type Row } from "./side-by-side.ts";

const PROGRAM = join(import.meta.dirname, "call/lives-program.ts");
const WAITS = join(import.meta.dirname, "call/waits-program.ts");
const BARE = "a bare fetch";
const KY = "a bare ky";
const OURS = "vidtask, now";
/** What is promised, as a ratio to the bare loop. The goals are 1.8, 1.6, 1.5 and 1.6. */
const LIMITS = { cpu: 1.9, allocated: 2, pollCpu: 1.7, pollAllocated: 1.9 };
type Measure = keyof typeof LIMITS;
const TITLES: { readonly [measure in Measure]: string } = {
  cpu: "Milliseconds of CPU for a submit and ten polls",
  allocated: "kB allocated for a submit and ten polls",
  pollCpu: "Milliseconds of CPU for ten polls",
  pollAllocated: "kB allocated for ten polls",
};

type Figures = { readonly [measure in Measure]: number[] };

/** What is promised of ten thousand waits. */
const WAITS_LIMITS = { heap: 4, longest: 200 };
type OfWaits = keyof typeof WAITS_LIMITS;
const WAITS_TITLES: { readonly [measure in OfWaits]: string } = {
  heap: "kB of heap for a wait that sleeps, of ten thousand",
  longest: "Milliseconds of CPU of the longest turn of the event loop, when ten thousand waits are due at once",
};

type CallOptions = { isQuick?: boolean; before?: string | undefined };

export async function benchCall({ isQuick = false, before }: CallOptions = {}): Promise<number> {
  const built = await builtPackages(before);
  const subjects = [
    { name: BARE, what: "bare", folder: "" },
    { name: KY, what: "ky", folder: built.at(-1)?.folder ?? "" },
    ...built.map(({ name, folder }) => ({ name: `vidtask, ${name}`, what: "vidtask", folder })),
  ];
  const found = subjects.map(({ name }) => ({
    name,
    figures: { cpu: [], allocated: [], pollCpu: [], pollAllocated: [] } as Figures,
  }));
  const server = await vendor();
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (let round = 0; round < (isQuick ? 5 : 15); round++)
      for (const [index, { what, folder }] of subjects.entries()) {
        const costOf = async (part: string) => {
          const printed = await run(process.execPath, [PROGRAM, what, folder, part, baseUrl, isQuick ? "100" : "200"]);
          return JSON.parse(printed) as Cost;
        };
        const [life, polls] = [await costOf("life"), await costOf("polls")];
        found[index]?.figures.cpu.push(life.cpu);
        found[index]?.figures.allocated.push(life.allocated);
        found[index]?.figures.pollCpu.push(polls.cpu);
        found[index]?.figures.pollAllocated.push(polls.allocated);
      }
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const rows = (measure: Measure) => rowsOf(found.map((one) => ({ name: one.name, figures: one.figures[measure] })));
  const tables = {
    cpu: rows("cpu"),
    allocated: rows("allocated"),
    pollCpu: rows("pollCpu"),
    pollAllocated: rows("pollAllocated"),
  };
  const waits = await tenThousandWaits(built, isQuick ? 1 : 3);
  report("call", {
    [TITLES.cpu]: tables.cpu,
    [TITLES.allocated]: tables.allocated,
    [TITLES.pollCpu]: tables.pollCpu,
    [TITLES.pollAllocated]: tables.pollAllocated,
    [WAITS_TITLES.heap]: waits.heap,
    [WAITS_TITLES.longest]: waits.longest,
  });
  const broken = [...dearCalls(tables), ...dearWaits(waits)];
  for (const one of broken) console.log(`More than promised: ${one}`);
  return broken.length === 0 ? 0 : 1;
}

/** What of this clone is above what is promised. */
export const dearCalls = (tables: { readonly [measure in Measure]: readonly Row[] }): string[] =>
  (Object.keys(LIMITS) as Measure[]).flatMap((measure) => {
    const ratio = rowOf(tables[measure], OURS)?.ratio ?? Infinity;
    return ratio <= LIMITS[measure]
      ? []
      : [`${TITLES[measure]}: ${ratio.toFixed(2)} × ${BARE}, above ${LIMITS[measure]}`];
  });

async function tenThousandWaits(built: readonly Built[], rounds: number) {
  const found = built.map(({ name, folder }) => ({
    name: `vidtask, ${name}`,
    folder,
    heap: [] as number[],
    longest: [] as number[],
  }));
  for (let round = 0; round < rounds; round++)
    for (const one of found) {
      const printed = await run(process.execPath, ["--expose-gc", WAITS, one.folder]);
      const { heap, longest } = JSON.parse(printed) as { [measure in OfWaits]: number };
      one.heap.push(heap);
      one.longest.push(longest);
    }
  const rows = (measure: OfWaits) => rowsOf(found.map((one) => ({ name: one.name, figures: one[measure] })));
  return { heap: rows("heap"), longest: rows("longest") };
}

/** What of this clone's waits is above what is promised. */
export const dearWaits = (tables: { readonly [measure in OfWaits]: readonly Row[] }): string[] =>
  (Object.keys(WAITS_LIMITS) as OfWaits[]).flatMap((measure) => {
    const { median = Infinity } = rowOf(tables[measure], OURS) ?? {};
    return median <= WAITS_LIMITS[measure]
      ? []
      : [`${WAITS_TITLES[measure]}: ${median.toFixed(1)}, above ${WAITS_LIMITS[measure]}`];
  });

/** Takes every task, each under an id of its own, and says of each tenth question that it is done. */
async function vendor(): Promise<Server> {
  let [tasks, polls] = [0, 0];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const isPoll = request.method === "GET";
      const taskId = isPoll ? new URL(request.url ?? "", "http://a.test").searchParams.get("taskId") : `t${++tasks}`;
      const state = isPoll && ++polls % 10 === 0 ? "success" : "processing";
      const result = state === "success" ? { resultJson: '{"resultUrls":["https://a.test/v.mp4"]}' } : {};
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ code: 200, message: "success", data: { taskId, state, ...result } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
