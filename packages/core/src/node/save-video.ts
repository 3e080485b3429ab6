// Fetches a finished video into a file: streamed, checked, and in place only when it is whole.
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { VideoClient } from "../client.ts";
import { openTaskVideo, type OpenOptions, type OpenedVideo } from "../download.ts";
import { AbortedError, DownloadError, VidtaskError } from "../errors.ts";
import { reason } from "../http.ts";
import { contextOf } from "../internals.ts";
import { safeCause } from "../redact.ts";
import { formatRef, type TaskRef } from "../task.ts";

export type SaveOptions = OpenOptions & {
  /** Called after every chunk with the bytes so far and, where the host says it, the total. */
  onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
};

/**
 * Saves a video of a succeeded task (the first, or `index`). The file appears whole or not at all: bytes go to a file
 * beside it that is renamed at the end. Missing folders are made; an existing file is replaced.
 *
 * @throws DownloadError, AbortedError, or what `get` throws when the task was given as a ref.
 */
export async function saveVideo(
  client: VideoClient,
  task: TaskRef,
  path: string,
  options: SaveOptions = {},
): Promise<{ path: string; bytes: number }> {
  const context = contextOf(client, task.vendor);
  const target = resolve(path);
  const part = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.part`);
  try {
    const video = await openTaskVideo(context, task, options);
    await mkdir(dirname(target), { recursive: true });
    const bytes = await write(part, video, options);
    await rename(part, target);
    await syncFolder(dirname(target));
    return { path: target, bytes };
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    if (VidtaskError.isInstance(error)) throw error;
    const { vendor } = context.adapter;
    const about = { vendor, phase: "download", ref: task, billed: "yes", retryable: true } as const;
    if (options.signal?.aborted) throw new AbortedError(`stopped saving ${formatRef(task)}; save it again`, about);
    const cause = safeCause(error, context.redact);
    throw new DownloadError(`${formatRef(task)} was not saved to ${target} (${reason(cause)}); save it again`, {
      ...about,
      cause,
    });
  }
}

async function write(part: string, { chunks, bytes }: OpenedVideo, { onProgress }: SaveOptions): Promise<number> {
  const file = await open(part, "wx");
  try {
    let written = 0;
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.byteLength;) from += (await file.write(chunk, from)).bytesWritten;
      written += chunk.byteLength;
      onProgress?.(written, bytes);
    }
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
}

// The rename itself is durable only when its folder is; some systems cannot open a folder, and need not.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
