// The videos of a task as the SDK takes them: whole, or by address.
import type { Experimental_VideoModelV4VideoData as VideoData } from "@ai-sdk/provider";
import { openVideo, type SucceededTask, type VideoClient } from "@vidtask/core";
import type { Operation } from "../operation.ts";

/** Of the ways of handing over a video those that every version of the SDK knows. */
export type Handed = Extract<VideoData, { type: "url" } | { type: "binary" }>;

const MP4 = "video/mp4";
/** What the SDK's own download takes at most. */
const MOST_BYTES = 2 * 1024 ** 3;

/** @throws DownloadError, AbortedError: the task has succeeded all the same, and its status can be asked for again */
export async function resultsOf(
  client: VideoClient,
  task: SucceededTask,
  { results }: Operation,
  signal: AbortSignal | undefined,
): Promise<Handed[]> {
  const all: Handed[] = [];
  for (const [index, { url, auth }] of task.videos.entries())
    // An address that wants the account's credentials is of no use to anyone else.
    if (results === "bytes" || auth)
      all.push({ type: "binary", data: await wholeVideo(client, task, index, signal), mediaType: MP4 });
    else all.push({ type: "url", url, mediaType: MP4 });
  return all;
}

async function wholeVideo(client: VideoClient, task: SucceededTask, index: number, signal: AbortSignal | undefined) {
  const { stream, bytes } = await openVideo(client, task, { index, signal, maxBytes: MOST_BYTES });
  let whole = new Uint8Array(bytes ?? 2 ** 20); // one copy, where the host says how long it is
  let length = 0;
  for await (const part of stream) {
    if (length + part.length > whole.length) {
      const longer = new Uint8Array(2 * (length + part.length));
      longer.set(whole);
      whole = longer;
    }
    whole.set(part, length);
    length += part.length;
  }
  return length === whole.length ? whole : whole.slice(0, length);
}
