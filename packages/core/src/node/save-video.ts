// Fetches a finished video into a file: streamed, checked, and in place only when it is whole.
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import type { VideoClient } from "../client/client.ts";
import { addressed } from "../client/members.ts";
import { contextOf, type ClientContext } from "../context/context.ts";
import { abortedDownload, aboutDownload } from "../download/faults.ts";
import { openSource } from "../download/source.ts";
import { MAX_BYTES } from "../download/stream.ts";
import { tracedDownload } from "../download/traced-download.ts";
import { fetchChunks } from "../download/transfer.ts";
import { reason, safeCause } from "../redact.ts";
import { callQuietly } from "../task/call-quietly.ts";
import { DownloadError, VidtaskError } from "../task/errors.ts";
import { emitter } from "../task/events.ts";
import { formatRef, type TaskRef } from "../task/task.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { takeLock } from "./save-video-lock.ts";
import { checkSave, type SaveVideoOptions } from "./save-video-options.ts";
import { openPart, type Part } from "./save-video-part.ts";
import { guardedSend } from "./save-video-private-networks.ts";
import { atTarget, checkTarget, prepareTarget, UnusableTarget } from "./save-video-target.ts";

type Saved = { path: string; bytes: number };
/** `path` as the caller wrote it. */
type Destination = { path: string; target: string; stem: string };

/** What this process is saving now, by the stem of its part file. */
const saving = new Map<string, Promise<Saved>>();

/**
 * Saves a video of a succeeded task (the first, or `index`). The file appears complete or not at all: the bytes go to a file
 * beside it (`.vidtask-….part`) that is renamed at the end. Missing folders are created; an existing file is replaced. A
 * download that breaks off is resumed, also after a crash by the next call for the same video and path. A second
 * call at the same time shares the first one's result; in another process it throws a DownloadError.
 *
 * @throws DownloadError, AbortedError, InvalidRequestError, or what `get` throws when the task was given as a ref.
 */
export async function saveVideo(
  client: VideoClient,
  taskOrRef: TaskRef,
  path: string,
  given?: SaveVideoOptions,
): Promise<{ path: string; bytes: number }> {
  const { settings, task } = addressed(client, taskOrRef);
  const options = checkSave(settings, { task, path }, given);
  const context = contextOf(settings);
  const { index = 0, maxBytes = MAX_BYTES, signal } = options;
  const target = resolve(path);
  const name = createHash("sha256")
    .update(`${formatRef(task)} ${index} ${basename(target)}`)
    .digest("hex");
  const stem = join(dirname(target), `.vidtask-${name.slice(0, 16)}`);
  for (let other = saving.get(stem); other; other = saving.get(stem)) {
    const stopped = () => abortedDownload({ context, task });
    const saved = await untilAborted(
      other.catch(() => undefined),
      signal,
      stopped,
    );
    if (saved && saved.bytes <= maxBytes) return saved;
  }
  const work = tracedDownload(context, task, () => save(context, task, { path, target, stem }, options));
  saving.set(stem, work);
  try {
    return await work;
  } finally {
    saving.delete(stem);
  }
}

type Job = {
  context: ClientContext;
  task: TaskRef;
  destination: Destination;
  options: SaveVideoOptions;
  signal: AbortSignal;
};

async function save(
  context: ClientContext,
  task: TaskRef,
  destination: Destination,
  options: SaveVideoOptions,
): Promise<Saved> {
  const { signal = new AbortController().signal } = options;
  try {
    signal.throwIfAborted();
    return await toFile({ context, task, destination, options, signal });
  } catch (error) {
    if (signal.aborted) throw abortedDownload({ context, task });
    if (VidtaskError.isInstance(error)) throw error;
    const cause = safeCause(error, context.redact);
    const retryable = !(error instanceof UnusableTarget);
    const next = retryable ? "save it again" : "save it to another path, or change what is there";
    const message = `${formatRef(task)} was not saved to ${destination.target}: ${reason(cause)}; ${next}`;
    throw new DownloadError(message, { ...aboutDownload({ context, task }), retryable, cause });
  }
}

async function toFile({ context, task, destination, options, signal }: Job): Promise<Saved> {
  const { target, stem } = destination;
  const { index = 0, maxBytes = MAX_BYTES, onProgress } = options;
  const emit = emitter(context.onEvent);
  await checkTarget(destination.path, target);
  const source = await openSource(context, task, { index, signal, emit });
  const mode = await prepareTarget(target);
  const lock = await atTarget(takeLock(stem, signal));
  let close = () => {};
  let part: Part | undefined;
  let isKept = false;
  try {
    const guarded = await guardedSend(context);
    ({ close } = guarded);
    part = await atTarget(openPart(`${stem}.part`, lock.mayResume));
    const { progress } = part;
    for await (const chunk of fetchChunks({
      context,
      task,
      source,
      progress,
      maxBytes,
      canRewind: true,
      signal,
      emit,
      send: guarded.send,
    })) {
      await part.write(chunk);
      if (onProgress) callQuietly(() => onProgress(progress.at, progress.total));
    }
    await lock.check();
    await part.moveTo(target, mode);
    return { path: target, bytes: progress.at };
  } catch (error) {
    // Not after a disk fault, when the part may be what fills it, and not a part that is no video.
    isKept = VidtaskError.isInstance(error) && (part?.progress.at ?? 0) > 0;
    throw error;
  } finally {
    close();
    await part?.close(isKept);
    await lock.release();
  }
}
