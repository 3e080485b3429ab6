// The file beside the target that bytes go to until all are there, and what is noted about it so that a later process
// can go on. Only bytes that are surely on the disk count, so a power cut leaves no hole.
import { constants, type Stats } from "node:fs";
import { lstat, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { noProgress, TAIL, type Progress } from "../download/progress.ts";
import type { Chunk } from "../download/transfer.ts";

/** The most bytes that are lost when the process is killed. */
const CHECKPOINT = 4 * 1024 ** 2;
/** A note is written in one piece; JSON ignores the spaces that fill it up. */
const NOTE_LENGTH = 512;
/** Windows has neither links of this kind nor the flag. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

export type Part = {
  /** What a process before this one left. */
  readonly progress: Progress;
  write(chunk: Chunk): Promise<void>;
  /** Everything on the disk, and in place of the target; with its mode, where there was one. */
  moveTo(target: string, mode?: number): Promise<void>;
  /** Closes it; keeps it for the next time if told to and worth it, else removes it. */
  close(keep: boolean): Promise<void>;
};

type Files = { part: FileHandle; note: FileHandle };

export async function openPart(path: string, mayResume: boolean): Promise<Part> {
  const notePath = `${path}.json`;
  const resumed = mayResume ? await resume(path, notePath) : undefined;
  const { files, progress } = resumed ?? { files: await start(path, notePath), progress: noProgress() };
  const { part, note } = files;
  let size = progress.at;
  let synced = progress.at;
  let isOpen = true;

  async function checkpoint(at: number): Promise<void> {
    await part.datasync();
    const about = { v: 1, at, total: progress.total };
    const full = JSON.stringify({ ...about, validator: progress.validator });
    const text = full.length > NOTE_LENGTH ? JSON.stringify(about) : full;
    await note.write(Buffer.from(text.padEnd(NOTE_LENGTH)), 0, NOTE_LENGTH, 0);
    synced = at;
  }
  const isInPlace = async () => {
    const [mine, there] = [await part.stat(), await lstat(path)];
    return mine.ino === there.ino && mine.dev === there.dev;
  };
  async function closeFiles(): Promise<void> {
    isOpen = false;
    await Promise.allSettled([part.close(), note.close()]);
  }

  return {
    progress,
    async write({ at, bytes }) {
      if (at < size) {
        await checkpoint(0);
        await part.truncate(at);
      }
      for (let from = 0; from < bytes.byteLength;)
        from += (await part.write(bytes, from, bytes.byteLength - from, at + from)).bytesWritten;
      size = at + bytes.byteLength;
      if (size - synced >= CHECKPOINT) await checkpoint(size);
    },
    async moveTo(target, mode) {
      if (mode !== undefined) await part.chmod(mode).catch(() => {}); // some systems have none
      await part.sync();
      if (!(await isInPlace()) || (await part.stat()).size !== size) throw new Error(`another process changed ${path}`);
      await closeFiles(); // Windows does not rename an open file
      try {
        await rename(path, target);
      } catch (error) {
        await Promise.all([rm(path, { force: true }), rm(notePath, { force: true })]);
        throw error;
      }
      await syncFolder(dirname(target));
      await rm(notePath, { force: true });
    },
    async close(keep) {
      if (!isOpen) return;
      const isKept =
        keep &&
        size >= TAIL &&
        (await checkpoint(size).then(
          () => true,
          () => false,
        ));
      const isMine = await isInPlace().catch(() => false);
      await closeFiles();
      if (isMine && !isKept) await Promise.all([rm(path, { force: true }), rm(notePath, { force: true })]);
    },
  };
}

/** New files, whatever was there: a link is removed, not followed. */
async function start(path: string, notePath: string): Promise<Files> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
  await Promise.all([rm(path, { force: true }), rm(notePath, { force: true })]);
  const part = await open(path, flags);
  try {
    return { part, note: await open(notePath, flags, 0o600) };
  } catch (error) {
    await part.close();
    throw error;
  }
}

async function resume(path: string, notePath: string): Promise<{ files: Files; progress: Progress } | undefined> {
  const opened: FileHandle[] = [];
  try {
    for (const name of [path, notePath]) opened.push(await open(name, constants.O_RDWR | NO_FOLLOW));
    const [part, note] = opened;
    const progress =
      part && note && isOwn(await note.stat()) ? await hadOf(part, await note.readFile("utf8")) : undefined;
    if (part && note && progress) return { files: { part, note }, progress };
  } catch {
    // Nothing usable is left: start anew.
  }
  await Promise.allSettled(opened.map((file) => file.close()));
  return undefined;
}

async function hadOf(part: FileHandle, text: string): Promise<Progress | undefined> {
  const { v, at, total, validator } = JSON.parse(text) as { [field: string]: unknown };
  const stats = await part.stat();
  if (v !== 1 || !isLength(at) || at === 0 || !isOwn(stats) || stats.size < at) return undefined;
  await part.truncate(at);
  const progress = noProgress();
  const read = async (from: number, length: number) => {
    const { buffer, bytesRead } = await part.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  };
  const from = Math.max(0, at - TAIL);
  progress.tail.push(from, await read(from, at - from));
  for (let next = -1; progress.walk.next < at && progress.walk.next !== next;) {
    next = progress.walk.next;
    progress.walk.see(next, await read(next, Math.min(16, at - next)));
  }
  return Object.assign(progress, {
    at,
    total: isLength(total) ? total : undefined,
    validator: typeof validator === "string" ? validator : undefined,
    mustCompare: true, // the URL may lead to another file by now, or the part may have been changed
  });
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

// In a folder that others write to, a file of another user, or one with a second name, is not resumed.
const isOwn = (stats: Stats): boolean =>
  stats.isFile() && stats.nlink === 1 && (process.getuid === undefined || stats.uid === process.getuid());

// The rename itself is durable only when its folder is; some systems cannot open a folder, and need not.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
