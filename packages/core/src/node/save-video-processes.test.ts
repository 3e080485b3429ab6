// One target, processes that are killed, that come together, or that have no room.
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { TAIL } from "../download/progress.ts";
import { ref } from "../test/acme.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { takeLock } from "./save-video-lock.ts";
import { saveVideo } from "./save-video.ts";
import { deeds } from "./test/save-video-deeds.ts";
import { clientOf, etagOf, makeMp4, startHost, type Host } from "./test/save-video-host.ts";

const SIZE = 20_000_000;
const MIB = 1024 ** 2;
const video = makeMp4(SIZE);
/** For what needs no note on the way: that is written after each 4 MiB. */
const small = makeMp4(2_000_000, 2);
const program = join(import.meta.dirname, "test/save-video-child.ts");

let host: Host;
let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  host = await startHost(video);
  folder = await mkdtemp(join(tmpdir(), "vidtask-processes-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

const target = () => join(folder, "v.mp4");
const isWhole = async () => Buffer.compare(await readFile(target()), host.state.file) === 0;
const serve = (file: Buffer) => void Object.assign(host.state, { file, etag: etagOf(file) });
/** How much of the video was on the disk for sure, by the note beside it. */
async function flushed(): Promise<number> {
  const note = (await readdir(folder)).find((name) => name.endsWith(".part.json"));
  const text = note && (await readFile(join(folder, note), "utf8"));
  return text ? (JSON.parse(text) as { at: number }).at : 0;
}
const firstByte = (index: number) => Number(/\d+/.exec(host.asked[index]?.range ?? "")?.[0]);

type Child = { process: ChildProcess; said: unknown[]; ended: Promise<void> };
function start(onBytes: (bytes: number, child: ChildProcess) => void = () => {}): Child {
  const child = fork(program, [host.url, target()], { execArgv: [] });
  children.push(child);
  const said: unknown[] = [];
  child.on("message", (message) => (typeof message === "number" ? onBytes(message, child) : said.push(message)));
  return { process: child, said, ended: new Promise((resolve) => child.once("close", () => resolve())) };
}

test.each([0.5, 17])(
  "killed after %d MB: the target is absent, and the next run goes on from near there",
  async (millions) => {
    const end = millions * 1_000_000;
    host.deeds = [deeds.stallAt(end)];
    await start((bytes, child) => bytes >= end && child.kill("SIGKILL")).ended;
    const left = await readdir(folder);
    expect(left.filter((name) => !/^\.vidtask-[0-9a-f]{16}\.(part|part\.json|\S+\.lock)$/.test(name))).toEqual([]);
    const kept = await flushed();
    expect(end - kept).toBeLessThan(4 * MIB);

    expect(await saveVideo(clientOf(host), ref, target())).toEqual({ path: target(), bytes: SIZE });
    expect(await isWhole()).toBe(true);
    expect(await readdir(folder)).toEqual(["v.mp4"]);
    expect(firstByte(1)).toBe(Math.max(0, kept - TAIL));
  },
);

test("killed again and again: every run goes on where the last one was", async () => {
  const expected = [0];
  for (const end of [4.5, 9, 18]) {
    host.deeds = [deeds.stallAt(end * MIB)];
    await start((bytes, child) => bytes >= end * MIB && child.kill("SIGKILL")).ended;
    expected.push((await flushed()) - TAIL);
  }
  expect(await saveVideo(clientOf(host), ref, target())).toEqual({ path: target(), bytes: SIZE });
  expect(await isWhole()).toBe(true);
  expect(host.asked.map((_, index) => firstByte(index))).toEqual(expected);
  expect(expected.at(-1)).toBeGreaterThan(14 * MIB - TAIL);
});

test("a file that is another one after the kill is fetched from its beginning", async () => {
  host.deeds = [deeds.stallAt(9_000_000)];
  await start((bytes, child) => bytes >= 9_000_000 && child.kill("SIGKILL")).ended;
  const other = makeMp4(SIZE, 5);
  serve(other);
  await saveVideo(clientOf(host), ref, target());
  expect(await isWhole()).toBe(true);
});

test("two processes at the same time: one saves it, the other does too or says why not", async () => {
  host.deeds = Array.from({ length: 4 }, () => deeds.smallPart(3_000_000));
  const both = [start(), start()];
  await Promise.all(both.map(({ ended }) => ended));
  const said = both.flatMap((child) => child.said);
  const saved = said.filter((message) => (message as { bytes?: number }).bytes === SIZE);
  const refused = said.filter((message) =>
    /process \d+ is saving this video here: wait for it/.test(JSON.stringify(message)),
  );
  expect(saved.length).toBeGreaterThanOrEqual(1);
  expect(saved.length + refused.length).toBe(2);
  expect(await isWhole()).toBe(true);
  expect(await readdir(folder)).toEqual(["v.mp4"]);
});

test("two calls in one process share one download; the second can be aborted by itself", async () => {
  serve(small);
  const client = clientOf(host);
  const controller = new AbortController();
  host.deeds = [deeds.cutAt(1_000_000)];
  const first = saveVideo(client, ref, target());
  const second = saveVideo(client, ref, target());
  const third = saveVideo(client, ref, target(), { signal: controller.signal });
  controller.abort();
  expect(await errorOf(third)).toMatchObject({ name: "AbortError", phase: "download" });
  expect(await Promise.all([first, second])).toEqual([
    { path: target(), bytes: small.length },
    { path: target(), bytes: small.length },
  ]);
  expect(host.asked.length).toBe(2);
  expect(await isWhole()).toBe(true);
});

test("a disk without room: the target is absent, its room is given back, and the error says so", async () => {
  // A limit of the process stands for the disk: 3 MB.
  const child = spawn("bash", ["-c", `ulimit -f 3000; exec "$0" "$@"`, process.execPath, program, host.url, target()], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const said: unknown[] = [];
  child.on("message", (message) => void (typeof message === "number" || said.push(message)));
  await new Promise((resolve) => child.once("close", resolve));
  expect(JSON.stringify(said)).toMatch(/was not saved to .*EFBIG.*save it again/);
  expect(await readdir(folder)).toEqual([]);
});

test("an abort keeps what there is for the next call", async () => {
  serve(small);
  const controller = new AbortController();
  host.deeds = [deeds.stallAt(1_000_000)];
  const onProgress = (bytes: number) => void (bytes >= 1_000_000 && controller.abort());
  const stopped = await errorOf(saveVideo(clientOf(host), ref, target(), { signal: controller.signal, onProgress }));
  expect(stopped).toMatchObject({ name: "AbortError", billed: "yes", retryable: true });
  expect((await readdir(folder)).map((name) => name.replace(/^\.vidtask-\w+/, ""))).toEqual([".part", ".part.json"]);
  await saveVideo(clientOf(host), ref, target());
  expect(firstByte(1)).toBe(1_000_000 - TAIL);
  expect(await isWhole()).toBe(true);
});

/** The path of the part file, with something left in it. */
async function partPath(): Promise<string> {
  serve(small);
  const controller = new AbortController();
  host.deeds = [deeds.stallAt(1_000_000)];
  const onProgress = (bytes: number) => void (bytes >= 1_000_000 && controller.abort());
  await errorOf(saveVideo(clientOf(host), ref, target(), { signal: controller.signal, onProgress }));
  const name = (await readdir(folder)).find((found) => found.endsWith(".part"));
  return join(folder, name ?? "");
}

test.each<[string, (path: string, victim: string) => Promise<unknown>]>([
  ["a symbolic link at the part's path", async (path, victim) => (await rm(path), symlink(victim, path))],
  [
    "a symbolic link at the note's path",
    async (path, victim) => (await rm(`${path}.json`), symlink(victim, `${path}.json`)),
  ],
  ["a second name of another file", async (path, victim) => (await rm(path), link(victim, path))],
  ["a note that is damaged", async (path) => writeFile(`${path}.json`, '{"v":1,"at":99999999')],
  ["a note of more than there is", async (path) => writeFile(`${path}.json`, '{"v":1,"at":2000000}')],
  ["a part that is no mp4", async (path) => writeFile(path, Buffer.alloc(1_000_000, 7))],
  [
    "a part that differs in its last bytes",
    async (path) => writeFile(path, Buffer.concat([small.subarray(0, 999_999), Buffer.of(1)])),
  ],
])("%s costs the resume, nothing else", async (_name, change) => {
  const victim = join(folder, "victim");
  const precious = small.subarray(0, 1_000_000); // as if it could be gone on with
  await writeFile(victim, precious);
  await change(await partPath(), victim);
  expect(await saveVideo(clientOf(host), ref, target())).toMatchObject({ bytes: small.length });
  expect(await isWhole()).toBe(true);
  expect(Buffer.compare(await readFile(victim), precious)).toBe(0);
  expect((await readdir(folder)).toSorted()).toEqual(["v.mp4", "victim"]);
});

test("a symbolic link at the target is replaced, not followed; a folder there is an error before anything is fetched", async () => {
  serve(small);
  const victim = join(folder, "victim");
  await writeFile(victim, "precious");
  await symlink(victim, target());
  await saveVideo(clientOf(host), ref, target());
  expect(await isWhole()).toBe(true);
  expect(await readFile(victim, "utf8")).toBe("precious");
  await mkdir(join(folder, "taken"));
  host.asked.length = 0;
  const error = await errorOf(saveVideo(clientOf(host), ref, join(folder, "taken")));
  expect(error).toMatchObject({ code: "download" });
  expect(String(error).includes("a folder of that name")).toBe(true);
  expect(host.asked).toHaveLength(0);
});

test("a claim of a dead process is removed; of one that is elsewhere, once it does not move", async () => {
  const stem = join(folder, ".vidtask-x");
  const held = await takeLock(stem);
  expect(String(await errorOf(takeLock(stem)))).toContain(`process ${process.pid} is saving`);
  const [name = ""] = await readdir(folder);
  await held.release();
  expect(await readdir(folder)).toEqual([]);

  const [, place, thread, start] = /x\.(\w+)-\d+-(\w+)-(\w+)-/.exec(name) ?? [];
  await writeFile(`${stem}.${place}-${process.pid}-${thread}-1-aaaaaaaa.lock`, ""); // its number has been given to this one
  await writeFile(`${stem}.${place}-4194305-4194305-${start}-aaaaaaab.lock`, "");
  const second = await takeLock(stem);
  expect(second.mayResume).toBe(true);
  expect(await readdir(folder)).toHaveLength(1);
  await second.release();

  const foreign = `${stem}.00000000-1-1-1-aaaaaaac.lock`;
  await writeFile(foreign, "");
  const third = await takeLock(stem, undefined, 30);
  expect(third.mayResume).toBe(false);
  expect(await readdir(folder)).toHaveLength(1);
  await third.release();

  await writeFile(foreign, "");
  let beats = 0;
  // Its timer is due before the one that looks, so that it beats between any two looks.
  const beat = setInterval(() => utimesSync(foreign, 0, ++beats), 3);
  try {
    expect(String(await errorOf(takeLock(stem, undefined, 30)))).toContain("process 1 is saving");
  } finally {
    clearInterval(beat);
  }
});

test("the claim of a thread that has ended is free at once, that of a live one is not", async () => {
  const stem = join(folder, ".vidtask-x");
  const program = `
    import { workerData, parentPort } from "node:worker_threads";
    const { takeLock } = await import(workerData.module);
    await takeLock(workerData.stem);
    parentPort.postMessage("taken");
    setInterval(() => {}, 1_000);`;
  const workerData = { stem, module: new URL("save-video-lock.ts", import.meta.url).href };
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), { workerData });
  onTestFinished(async () => void (await worker.terminate()));
  await once(worker, "message");
  expect(String(await errorOf(takeLock(stem)))).toContain(`process ${process.pid} is saving`);
  await worker.terminate();
  const lock = await takeLock(stem);
  expect(lock.mayResume).toBe(true);
  expect(await readdir(folder)).toHaveLength(1);
  await lock.release();
});

test("of several that come at the same moment one gets the lock, and the others hear of it", async () => {
  const stems = Array.from({ length: 20 }, (_, index) => join(folder, `.vidtask-${index}`));
  const rounds = stems.map(async (stem) => Promise.allSettled([1, 2, 3].map(async () => takeLock(stem))));
  for (const ends of await Promise.all(rounds))
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected", "rejected"]);
  expect(await readdir(folder)).toHaveLength(20);
});

test("a lock that was lost is noticed before the target is touched, and what is the other's is left alone", async () => {
  serve(small);
  host.deeds = [deeds.smallPart(1_500_000)];
  let isLost = false;
  const saving = saveVideo(clientOf(host), ref, target(), {
    onProgress: (bytes) => {
      if (isLost || bytes < 1_000_000) return;
      isLost = true;
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      writeFileSync(join(folder, "others.part"), "");
    },
  });
  expect(String(await errorOf(saving))).toContain("another process took this one for dead");
  expect(await readdir(folder)).toEqual(["others.part"]);
});
