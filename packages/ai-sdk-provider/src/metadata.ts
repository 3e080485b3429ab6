// The contents of `providerMetadata.vidtask`.
import type { JSONObject, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import { formatRef, type Price, type Task, type Video } from "@vidtask/core";
import type { Operation } from "./operation.ts";

/** The contents of `providerMetadata.vidtask` for a start, a status and a result: plain JSON without secrets. */
export type VidtaskMetadata = {
  /** The task as one string, such as `apixo:kling-2-6:task_1`: for a database column, and for `parseRef`. */
  ref: string;
  /** The key of the submit. */
  idempotencyKey?: string;
  /** The price in US dollars, and the page that prints it; absent if no page prints one. */
  price?: Price;
  /** The task as the vendor last described it: `state`, and, if present, `progress`, `nextPollAt`, `videos`, `failure`. */
  task: Task;
  /** Only in a result: each video with its `ref`, so that those of `n: 2` can be told apart, and with the URL's `expiresAt`. */
  videos?: (Video & { ref: string })[];
};

export function metadataOf(task: Task, { price, idempotencyKey }: Partial<Operation>): SharedV4ProviderMetadata {
  const ref = formatRef(task);
  const metadata: VidtaskMetadata = {
    ref,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(price ? { price } : {}),
    task,
    ...("videos" in task ? { videos: task.videos.map((video) => ({ ...video, ref })) } : {}),
  };
  return { vidtask: JSON.parse(JSON.stringify(metadata)) as JSONObject };
}
