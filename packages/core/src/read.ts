import type { ClientContext } from "./client-context.ts";
import { isoTime } from "./clock.ts";
import { InvalidRequestError } from "./errors.ts";
import type { OnEvent } from "./events.ts";
import { ask } from "./http.ts";
import { parseRef } from "./parse-ref.ts";
import { issue } from "./request.ts";
import { recordEnd } from "./rows.ts";
import { nextPollAt } from "./schedule.ts";
import { refOf, type Task, type TaskRef, type Video } from "./task.ts";
import { isTaskId, type Read } from "./vendor.ts";

export type ReadOptions = { signal?: AbortSignal | undefined; key?: string | undefined; emit: OnEvent };

/** Asks the vendor once what it says of a task now, and journals a terminal answer. */
export async function readTask(context: ClientContext, anyRef: TaskRef, options: ReadOptions): Promise<Task> {
  const ref = ownRef(context, anyRef);
  const about = { ...options, phase: "poll" as const, ref };
  const call = context.adapter.get(ref);
  const task = await ask(context, call, about, (body) => taskOf(context, ref, context.adapter.task(body, ref)));
  await recordEnd(context, task, options.emit);
  return task;
}

/** A checked ref of this client's vendor. */
export function ownRef({ adapter }: ClientContext, value: TaskRef): TaskRef {
  const ref = refOf(parseRef(value));
  const issues = [];
  if (ref.vendor !== adapter.vendor)
    issues.push(issue("ref.vendor", `${adapter.vendor}: ask the client of the vendor the task belongs to`, ref.vendor));
  else if (!isTaskId(adapter, ref.id)) issues.push(issue("ref.id", `a task id of ${adapter.vendor}`, ref.id));
  if (issues.length === 0) return ref;
  throw new InvalidRequestError({ vendor: adapter.vendor, phase: "poll", ref, issues, billed: "unknown" });
}

// The adapter's reading is checked like the body it came from: adapters are written by strangers too.
function taskOf({ adapter, clock }: ClientContext, ref: TaskRef, read: Read): Task {
  const times = {
    ...(read.createdAt === undefined ? {} : { createdAt: read.createdAt }),
    ...(read.completedAt === undefined ? {} : { completedAt: read.completedAt }),
  };
  const base = { ...ref, ...times };
  switch (read.state) {
    case "pending":
    case "processing": {
      const progress = read.progress === undefined ? {} : { progress: read.progress };
      return { ...base, state: read.state, ...progress, nextPollAt: nextPollAt(adapter, ref, clock.now()) };
    }
    case "failed":
      return { ...base, state: "failed", failure: read.failure };
    case "succeeded": {
      const [first, ...rest] = read.videos.map((video) =>
        withExpiry(video, read.completedAt ?? ref.submittedAt, adapter.resultLifeMs),
      );
      if (!first) throw misread("videos", "at least one video of a succeeded task");
      return { ...base, state: "succeeded", videos: [first, ...rest] };
    }
    default:
      throw misread("state", "a state that this vendor documents");
  }
}

// Without a completion time the submit's is used: a URL never dies earlier than that plus its life.
function withExpiry(video: Omit<Video, "expiresAt">, since: string | undefined, lifeMs: number | undefined): Video {
  if (typeof video.url !== "string" || !URL.canParse(video.url) || !/^https?:/.test(video.url))
    throw misread("videos.url", "an http(s) URL");
  return lifeMs === undefined || since === undefined
    ? video
    : { ...video, expiresAt: isoTime(Date.parse(since) + lifeMs) };
}

const misread = (path: string, expected: string) =>
  Object.assign(new Error(expected), { issues: [{ path: path.split("."), message: expected }] });
