import { untilAborted } from "./abort.ts";
import type { ClientContext } from "./client-context.ts";
import { DownloadError } from "./errors.ts";
import { emitter } from "./events.ts";
import { readTask } from "./read.ts";
import { formatRef, type Task, type TaskRef, type Video } from "./task.ts";

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
  const fail = (why: string): never => {
    const { vendor } = context.adapter;
    throw new DownloadError(`${formatRef(task)}: ${why}`, {
      vendor,
      phase: "download",
      ref: task,
      billed: "yes",
      retryable: true,
    });
  };
  const video = videosOf(task) ?? videosOf(await readTask(context, task, { signal, emit: emitter(context.onEvent) }));
  const { url } =
    video?.[index] ?? fail(video ? `it has no video ${index}` : "it has not succeeded, so there is no video yet");
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

function videosOf(task: TaskRef): readonly Video[] | undefined {
  const { state, videos } = task as Partial<Extract<Task, { state: "succeeded" }>>;
  return state === "succeeded" && Array.isArray(videos) ? videos : undefined;
}

// Plain http and private hosts only where the user pointed the client himself (an emulator on loopback).
function isAllowedHost(url: URL, base: URL): boolean {
  if (url.host === base.host && url.protocol === base.protocol) return true;
  return url.protocol === "https:" && !url.username && !isPrivateHost(url.hostname);
}

function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "").toLowerCase();
  if (name.startsWith("[") || /(^|\.)(localhost|local|internal)$/.test(name)) return true;
  return /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|22[4-9]|2[3-5]\d)\./.test(
    name,
  );
}
