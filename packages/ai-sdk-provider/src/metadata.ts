// What `providerMetadata.vidtask` holds.
import type { JSONObject, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import { formatRef, type Price, type Task, type Video } from "@vidtask/core";
import type { Operation } from "./operation.ts";

/** `providerMetadata.vidtask` of a start, a status and a result. Plain JSON without a secret. */
export type VidtaskMetadata = {
  /** The task as one string, `apixo:kling-2-6:task_1`: for a column, and for `parseRef` of any vidtask client. */
  ref: string;
  /** The name of the submit. */
  idempotencyKey?: string;
  /** US dollars, and which page says so; absent where no page prints a price. */
  price?: Price;
  /** What the vendor last said of it: `state`, and as it has them `progress`, `nextPollAt`, `videos`, `failure`. */
  task: Task;
  /** Of a result: each with its `ref`, so that those of `n: 2` can be told apart, and with the end of its life (`expiresAt`). */
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
