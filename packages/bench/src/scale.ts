// `npm run bench scale`: a hundred thousand tasks by four processes over one Redis, and over one Postgres, with one limit for all.
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { onInterrupt, sayNowAndThen } from "./progress.ts";
import { measuredRedis, measuredPostgres, type MeasuredStore } from "./scale/measured-stores.ts";
import { startVendor, type CountingVendor } from "./scale/vendor.ts";
import type { Job, Told } from "./scale/worker-program.ts";
import { setUpDatabases } from "./stores/databases.ts";
import { printTable, save } from "./tables.ts";

type Size = { tasks: number; limit: number; speed: number; atOnce: number };
/** More keys at once than the limit lets run. */
const FULL: Size = { tasks: 100_000, limit: 1_000, speed: 40, atOnce: 1_100 };
const QUICK: Size = { tasks: 2_000, limit: 100, speed: 80, atOnce: 120 };
const PROCESSES = 4;

type Found = { name: string; seconds: number; told: Told; mostHeld: number; slotsLeft: number } & ReturnType<
  CountingVendor["counts"]
> & { storeCpuMs: number; vendorCpuMs: number; bytesPerRow: number; rows: number };
type ScaleOptions = { isQuick?: boolean; tasks?: number | undefined };

export async function benchScale({ isQuick = false, tasks }: ScaleOptions = {}): Promise<number> {
  setUpDatabases();
  const size = { ...(isQuick ? QUICK : FULL), ...(tasks !== undefined && { tasks }) };
  const found: Found[] = [];
  for (const open of [measuredRedis, measuredPostgres]) {
    const vendor = await startVendor(size.speed);
    const store = await open();
    try {
      found.push(await measure(store, vendor, size));
    } finally {
      await store.close();
      await vendor.close();
    }
  }
  return report(found, size);
}

async function measure(store: MeasuredStore, vendor: CountingVendor, size: Size): Promise<Found> {
  const { tasks, atOnce, ...more } = size;
  const [cpuBefore, bytesBefore] = [await store.cpuMs(), await store.bytes()];
  const own = process.cpuUsage();
  const said = sayNowAndThen(console.log);
  const latest = new Map<number, Told>();
  const sum = (): Told => {
    const all: Told = { done: 0, unknown: 0, steps: 0, noRoom: 0, trips: 0, cpuMs: 0 };
    for (const told of latest.values()) for (const name of names(all)) all[name] += told[name];
    return all;
  };
  const began = performance.now();
  let mostHeld = 0;
  const look = setInterval(async () => {
    mostHeld = Math.max(mostHeld, await store.held().catch(() => 0));
    const { charges, most } = vendor.counts();
    const { done } = sum();
    const rate = (1000 * done) / (performance.now() - began);
    said(
      `  ${store.name}: ${done} of ${tasks} done, ${charges} charged, ${rate.toFixed(0)} a second, at most ${most} at once`,
    );
  }, 500);
  try {
    const part = (n: number) => Math.round((n * tasks) / PROCESSES);
    const share = Array.from({ length: PROCESSES }, (_, n) => ({ from: part(n), to: part(n + 1) }));
    await Promise.all(
      share.map(({ from, to }, n) => {
        const { kind, port } = store;
        const { connection } = vendor;
        const job: Job = { ...more, kind, port, connection, from, to, atOnce: Math.ceil(atOnce / PROCESSES) };
        return worker(job, (told) => latest.set(n, told));
      }),
    );
  } finally {
    clearInterval(look);
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(own);
  const rows = await store.rows();
  const bytesPerRow = ((await store.bytes()) - bytesBefore) / rows;
  return {
    name: store.name,
    seconds,
    told: sum(),
    ...vendor.counts(),
    mostHeld,
    slotsLeft: await store.held(),
    vendorCpuMs: (user + system) / 1000,
    storeCpuMs: (await store.cpuMs()) - cpuBefore,
    bytesPerRow,
    rows,
  };
}

const names = (told: Told) => Object.keys(told) as (keyof Told)[];

/** A process that ends with an error ends the bench. */
async function worker(job: Job, listen: (told: Told) => void): Promise<void> {
  const child: ChildProcess = fork(join(import.meta.dirname, "scale/worker-program.ts"), [JSON.stringify(job)], {
    execArgv: ["--no-warnings"],
  });
  const stopped = onInterrupt(() => child.kill("SIGKILL"));
  child.on("message", (told) => listen(told as Told));
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) =>
        code === 0 ? resolve() : reject(new Error(`a worker ended with ${code ?? signal}`)),
      );
    });
  } finally {
    stopped();
  }
}

function report(all: readonly Found[], { tasks, limit, speed, atOnce }: Size): number {
  const perTask = (figure: number, digits = 2) => (figure / tasks).toFixed(digits);
  const lines: [string, (found: Found) => string | number][] = [
    ["charges", ({ charges }) => charges],
    ["ends", ({ told }) => told.done],
    ["unknown", ({ told }) => told.unknown],
    ["seconds", ({ seconds }) => seconds.toFixed(0)],
    ["tasks a second", ({ seconds }) => (tasks / seconds).toFixed(0)],
    ["at most at once, counted by the emulator", ({ most }) => most],
    ["slots held at most, as the store tells", ({ mostHeld }) => mostHeld],
    ["slots left", ({ slotsLeft }) => slotsLeft],
    ["steps a task", ({ told }) => perTask(told.steps, 1)],
    ["of them without room", ({ told }) => perTask(told.noRoom, 1)],
    ["trips to the store a task", ({ told }) => perTask(told.trips, 1)],
    ["ms of CPU a task, the workers", ({ told }) => perTask(told.cpuMs)],
    ["ms of CPU a task, the emulator", ({ vendorCpuMs }) => perTask(vendorCpuMs)],
    ["ms of CPU a task, the store", ({ storeCpuMs }) => perTask(storeCpuMs)],
    ["bytes a row", ({ bytesPerRow }) => bytesPerRow.toFixed(0)],
  ];
  const title = `${tasks} tasks, time ×${speed}, ${PROCESSES} processes, ${atOnce} keys at once, a shared limit of ${limit}`;
  const rows = lines.map(([name, of]) => [name, ...all.map((found) => String(of(found)))]);
  printTable(title, ["", ...all.map(({ name }) => name)], rows);
  save("scale", { tasks, limit, speed, atOnce, all });

  const broken = all.flatMap(({ name, charges, prompts, told, most, slotsLeft }) => {
    const must = (what: string, is: boolean) => (is ? [] : [`${name}: ${what}`]);
    return [
      ...must(`${charges} charges of ${prompts} for ${tasks} tasks`, charges === tasks && prompts === tasks),
      ...must(`${told.done} ends of ${tasks}, ${told.unknown} unknown`, told.done === tasks),
      ...must(`${most} tasks ran at once, the limit is ${limit}`, most <= limit),
      ...must(`${slotsLeft} slots are left`, slotsLeft === 0),
    ];
  });
  for (const one of broken) console.log(`Not as promised: ${one}`);
  return broken.length === 0 ? 0 : 1;
}
