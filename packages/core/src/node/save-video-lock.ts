// One download of a video to a place at a time, over all processes and their threads. Each puts a claim of its own beside
// the target and then looks for others: no two can both see themselves alone, and no claim is ever taken over, so none is
// taken twice.
import { createHash, randomUUID } from "node:crypto";
import { readlinkSync } from "node:fs";
import { readFile, readdir, readlink, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";

/** How often the holder shows that it is alive, in ms, to processes that cannot look it up. */
const BEAT = 5_000;
/** A claim from elsewhere that does not move for this long has no owner any more. */
const SILENCE = 20_000;
const TRIES = 5;
/** Of several claims made at once, the first by name stays and looks again; the others wait longer. */
const LOOK_AGAIN = 20;
const STEP_BACK = 100;

export type Lock = {
  /** Whether the last holder's part may be resumed: only when that process is known to be dead, not just silent. */
  readonly mayResume: boolean;
  /** @throws Error when it was lost to another process, which took this one for dead */
  check(): Promise<void>;
  release(): Promise<void>;
};

/** Takes the lock named by the path `stem`. @throws Error when another call or process has it */
export async function takeLock(stem: string, signal?: AbortSignal, silence: number = SILENCE): Promise<Lock> {
  const here = await thisPlace();
  const start = (await startOf(process.pid, THREAD)) ?? "x";
  const claim = `${stem}.${here}-${process.pid}-${THREAD}-${start}-${randomUUID().slice(0, 8)}.lock`;
  let mayResume = true;
  try {
    for (let tries = 1, isThere = false; ; tries++) {
      if (!isThere) await writeFile(claim, "", { flag: "wx", mode: 0o600 }); // wx follows no link
      const holders = [];
      for (const other of await othersThan(claim, stem)) {
        const verdict = await judge(other, here, silence, signal);
        if (verdict === "alive") holders.push(other);
        else await rm(other, { force: true });
        if (verdict === "silent") mayResume = false;
      }
      if (holders.length === 0) break;
      if (tries === TRIES) throw busy(holders[0] ?? "");
      isThere = holders.every((other) => claim < other);
      if (!isThere) await rm(claim, { force: true });
      await sleep(isThere ? LOOK_AGAIN : STEP_BACK * (1 + Math.random()), undefined, { signal });
    }
  } catch (error) {
    await rm(claim, { force: true });
    throw error;
  }
  const beat = setInterval(() => void utimes(claim, new Date(), new Date()).catch(() => {}), BEAT).unref();
  return {
    mayResume,
    async check() {
      if ((await beatOf(claim)) === undefined)
        throw new Error("another process took this one for dead and goes on here");
    },
    async release() {
      clearInterval(beat);
      await rm(claim, { force: true }).catch(() => {});
    },
  };
}

const busy = (claim: string): Error => {
  const [, pid] = /-(\d+)-\w+-\w+-\w+\.lock$/.exec(claim) ?? [];
  return new Error(
    `process ${pid} is saving this video here: wait for it, or save to another path (if there is no such process, remove ${claim})`,
  );
};

async function othersThan(claim: string, stem: string): Promise<string[]> {
  const names = await readdir(dirname(stem));
  const isClaim = (name: string) => name.startsWith(`${basename(stem)}.`) && name.endsWith(".lock");
  return names.filter((name) => isClaim(name) && name !== basename(claim)).map((name) => join(dirname(stem), name));
}

async function judge(claim: string, here: string, silence: number, signal?: AbortSignal) {
  const [, place, pid, thread = "", start] = /\.(\w+)-(\d+)-(\w+)-(\w+)-\w+\.lock$/.exec(claim) ?? [];
  // Threads of this process cannot be looked up everywhere.
  const isVisible = place === here && (start !== "x" || Number(pid) !== process.pid || thread === THREAD);
  if (isVisible) return (await isRunning(Number(pid), thread, start)) ? "alive" : "dead";
  // Another machine, or another container: all that shows is whether the claim moves.
  const seen = await beatOf(claim);
  for (let waited = 0; waited < silence; waited += 500) {
    if (seen === undefined) return "dead";
    await sleep(Math.min(500, silence), undefined, { signal });
    const now = await beatOf(claim);
    if (now !== seen) return now === undefined ? "dead" : "alive";
  }
  return "silent";
}

const beatOf = (claim: string): Promise<number | undefined> =>
  stat(claim).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

async function isRunning(pid: number, thread: string, start: string | undefined): Promise<boolean> {
  if (start !== "x") return (await startOf(pid, thread)) === start;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}

/** The thread that runs this: by the system's number where it has one that others can look up, else by Node's. */
const THREAD = systemThread() ?? `w${threadId}`;

function systemThread(): string | undefined {
  try {
    return readlinkSync("/proc/thread-self").split("/").at(-1); // on this thread, so not asynchronously
  } catch {
    return undefined;
  }
}

/** When a thread began, where the system says it: its number alone may have been given to another one since. */
const startOf = (pid: number, thread: string): Promise<string | undefined> =>
  readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").then(
    (line) => {
      const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? undefined : fields[19]; // dead, and not yet waited for
    },
    () => undefined,
  );

/** Names the machine, and the container where numbers of processes are its own. */
async function thisPlace(): Promise<string> {
  const container = await readlink("/proc/self/ns/pid").catch(() => "");
  return createHash("sha256").update(`${hostname()} ${container}`).digest("hex").slice(0, 8);
}
