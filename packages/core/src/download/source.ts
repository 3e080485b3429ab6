import type { ClientContext } from "../context/context.ts";
import { isAllowedHost } from "../http/hosts.ts";
import { readTask } from "../poll/read.ts";
import { DownloadError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import type { Billed } from "../task/failure.ts";
import { formatRef, type SucceededTask, type Task, type TaskRef, type Video } from "../task/task.ts";

/** Where the bytes of a video are, now. */
export type Source = {
  /** Its URL; asks the vendor for it when none is known, the known one has died, or is doubted. */
  url(): Promise<{ url: URL; isFresh: boolean; wantsKey: boolean }>;
  /** The URL may be dead: the next one is a fresh one. */
  doubt(): void;
  /** When the URL of the moment dies, as the vendor documents it. */
  readonly expiresAt: string | undefined;
};

type Options = { index: number; signal: AbortSignal | undefined; emit: OnEvent };

/**
 * The source of the video of a task that has succeeded.
 *
 * @throws DownloadError when the task has no such video, or what `get` throws when only a ref was given.
 */
export async function openSource(context: ClientContext, task: TaskRef, options: Options): Promise<Source> {
  const { index, signal, emit } = options;
  const freshVideo = async () => videoOf(context, await readTask(context, task, { signal, emit }), index);
  let wasAsked = !isSucceeded(task);
  let isDoubted = false;
  let video = isSucceeded(task) ? videoOf(context, task, index) : await freshVideo();
  checkedUrl(context, task, video);

  const isExpired = () => video.expiresAt !== undefined && context.clock.now() >= Date.parse(video.expiresAt);
  return {
    async url() {
      // A URL may outlive its documented life; one that was just given is tried in any case.
      const isFresh = isDoubted || (!wasAsked && isExpired());
      if (isFresh) {
        video = await freshVideo();
        wasAsked = true;
        isDoubted = false;
      }
      return { url: checkedUrl(context, task, video), isFresh, wantsKey: video.auth === true };
    },
    doubt: () => void (isDoubted = true),
    get expiresAt() {
      return video.expiresAt;
    },
  };
}

function videoOf(context: ClientContext, task: Task, index: number): Video {
  switch (task.state) {
    case "succeeded":
      return task.videos[index] ?? refuse(context, task, `it has no video ${index}`);
    case "failed": {
      const { message, billed } = task.failure;
      return refuse(context, task, `it failed (${message}), so it has no video`, { billed });
    }
    default:
      return refuse(context, task, "it has not ended: wait() for it, then fetch its video", {
        billed: "unknown",
        retryable: true,
      });
  }
}

function checkedUrl(context: ClientContext, task: TaskRef, { url: text, auth }: Video): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && auth && !context.isOwn(url))
    return refuse(context, task, "its result wants credentials, and is not at one of the vendor's own origins");
  if (url && isAllowedHost(url, new URL(context.baseUrl()))) return url;
  const rule = "its result is not on https at a public address, nor on the host and port of `baseUrl`";
  return refuse(context, task, rule, { retryable: true });
}

type Verdict = { billed?: Billed; retryable?: boolean };

function refuse({ adapter }: ClientContext, ref: TaskRef, why: string, verdict: Verdict = {}): never {
  const about = { vendor: adapter.vendor, phase: "download", billed: "yes", ...verdict } as const;
  throw new DownloadError(`${formatRef(ref)}: ${why}`, { ...about, ref });
}

const isSucceeded = (task: TaskRef): task is SucceededTask =>
  (task as Partial<SucceededTask>).state === "succeeded" && Array.isArray((task as Partial<SucceededTask>).videos);
