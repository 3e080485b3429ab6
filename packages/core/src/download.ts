import { untilAborted } from "./abort.ts";
import type { ClientContext } from "./client-context.ts";
import { DownloadError } from "./errors.ts";
import { emitter } from "./events.ts";
import type { Billed } from "./failure.ts";
import { isAllowedHost } from "./hosts.ts";
import { readTask } from "./read.ts";
import { formatRef, type SucceededTask, type TaskRef } from "./task.ts";

/** The largest video that is fetched, in bytes, unless the caller says otherwise. */
const MAX_BYTES = 4 * 1024 ** 3;

export type OpenOptions = {
  index?: number | undefined;
  signal?: AbortSignal | undefined;
  maxBytes?: number | undefined;
};

/** A video's bytes as they arrive, and how many there will be. */
export type OpenedVideo = { chunks: AsyncIterable<Uint8Array>; bytes?: number };

/**
 * Opens the video of a succeeded task. The API key is not sent to the result host, and no redirect is followed.
 *
 * @throws DownloadError when the task has no such video, or its host does not answer with one.
 */
export async function openTaskVideo(context: ClientContext, task: TaskRef, options: OpenOptions): Promise<OpenedVideo> {
  const { index = 0, signal, maxBytes = MAX_BYTES } = options;
  const { vendor } = context.adapter;
  const fail = (why: string, more: { billed?: Billed; retryable?: boolean } = {}): never => {
    const place = { vendor, phase: "download" as const, ref: task, billed: "yes" as const, retryable: true };
    throw new DownloadError(`${formatRef(task)}: ${why}`, { ...place, ...more });
  };
  const now = isSucceeded(task) ? task : await readTask(context, task, { signal, emit: emitter(context.onEvent) });
  if (now.state === "failed")
    return fail(`it failed (${now.failure.message}), so it has no video`, {
      billed: now.failure.billed,
      retryable: false,
    });
  if (now.state !== "succeeded") return fail("it has not ended: wait() for it, then save it", { billed: "unknown" });
  const { url } = now.videos[index] ?? fail(`it has no video ${index}`, { retryable: false });
  if (!isAllowedHost(new URL(url), new URL(context.baseUrl())))
    fail("its result is not on https at a public address, nor on the host and port of `baseUrl`");

  const send = context.options.fetch ?? fetch;
  const init: RequestInit = { redirect: "manual", headers: { accept: "video/mp4" }, ...(signal ? { signal } : {}) };
  const response = await untilAborted(send(url, init), signal, () => signal?.reason);
  const type = response.headers.get("content-type") ?? "";
  if (response.status !== 200)
    fail(`the result host answered HTTP ${response.status}; get() gives a fresh URL where there is one`);
  if (!/^(video\/|application\/octet-stream|$)/.test(type)) fail(`the result host sent ${type} instead of a video`);
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  if (length > maxBytes) fail(`the video has ${length} bytes, more than \`maxBytes\` (${maxBytes})`);
  const body = response.body ?? fail("the result host sent no body");
  const bytes = Number.isNaN(length) ? undefined : length;
  return { chunks: checked(body, { bytes, maxBytes, fail }), ...(bytes === undefined ? {} : { bytes }) };
}

type Checks = { bytes: number | undefined; maxBytes: number; fail: (why: string) => never };

// A body that ends early is a success to some runtimes; its length and its first box tell.
async function* checked(
  body: AsyncIterable<Uint8Array>,
  { bytes, maxBytes, fail }: Checks,
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  let head = "";
  for await (const chunk of body) {
    if (head.length < 12) head += String.fromCharCode(...chunk.subarray(0, 12 - head.length));
    if (head.length >= 8 && head.slice(4, 8) !== "ftyp") fail("the file is not an mp4");
    seen += chunk.byteLength;
    if (seen > maxBytes) fail(`the video is longer than \`maxBytes\` (${maxBytes})`);
    yield chunk;
  }
  if (head.length < 8) fail("the file is not an mp4");
  if (bytes !== undefined && seen !== bytes) fail(`the video broke off after ${seen} of ${bytes} bytes`);
}

const isSucceeded = (task: TaskRef): task is SucceededTask =>
  (task as Partial<SucceededTask>).state === "succeeded" && Array.isArray((task as Partial<SucceededTask>).videos);
