// Functions over clients. They are no methods, so that a bundle carries only the ones it uses.
import type { Receiver } from "../callback/receiver.ts";
import { checkOpen, type OpenVideoOptions } from "../download/video-options.ts";
import { checkOptions, type Rules } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import { aFunction, required } from "../task/option-rules.ts";
import type { TaskRef, SucceededTask, FailedTask } from "../task/task.ts";
import type { Unverified } from "../vendor-spec/readings.ts";
import type { VideoClient } from "./client.ts";
import { aClientList, addressed, allSettingsOf } from "./members.ts";
import { downloading, receiving } from "./parts.ts";

/**
 * Opens a video of a succeeded task, as a stream that resumes by itself: after a break, a silence of 30 s or a dead URL it
 * goes on where it was, when the host still has the same file. Resolves with the first bytes; `bytes` is the length where
 * the host says it. The stream ends only when all has arrived and is a whole mp4. Read it to its end, or cancel it.
 *
 * @throws DownloadError, AbortedError, or what `get` throws when the task was given as a ref. The stream fails with the first two.
 */
export async function openVideo(
  client: VideoClient,
  task: TaskRef,
  options?: OpenVideoOptions,
): Promise<{ stream: ReadableStream<Uint8Array>; bytes?: number }> {
  const { settings, task: found } = addressed(client, task);
  const checked = checkOpen(settings, found, options);
  const { contextOf, openStream } = await downloading({ vendor: settings.adapter.vendor, phase: "download" });
  return openStream(contextOf(settings), found, checked);
}

/** The options of a receiver. */
export type ReceiverOptions = {
  /** Clients, or routers, with a `callback` option. Those that share a durable journal share what was handled. */
  clients: readonly VideoClient[];
  /**
   * Told of the end of every task, as the vendor's status says it, never as a callback does. At least once per task: it
   * runs again when it throws, and after a crash; `key`, the submit's, is the idempotency key. Never twice at the same
   * time where the clients have a durable journal. `unverified` is what the callback that set it off says beyond the
   * vendor's status, where it says more: unsigned, so show it at most.
   */
  onTask(task: SucceededTask | FailedTask, about: { idempotencyKey: string; unverified?: Unverified }): unknown;
};

/**
 * Receives callbacks. Each is only a reason to ask, unless its vendor signs it with a secret of the account: the token in its
 * URL names the key, one `get` says what is true, and `onTask` sees that.
 *
 * @throws InvalidRequestError if no client has a `callback`, `onTask` is not a function, or an option is unknown
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const about = { of: "createReceiver", vendor: "", phase: "callback" } as const;
  const { clients, onTask } = checkOptions(options, RECEIVER_RULES, about);
  const settings = clients.flatMap((client) => allSettingsOf(client));
  const vendor = settings[0]?.adapter.vendor ?? "";
  if (!settings.some((one) => one.callback())) {
    const issues = [issue("clients", "a list with a client that has the `callback` option")];
    throw new InvalidRequestError({ ...about, vendor, issues });
  }
  let receiver: Receiver | undefined;
  return {
    async fetch(request, platform) {
      const { contextOf, receiverOf } = await receiving({ vendor, phase: "callback" });
      receiver ??= receiverOf(settings.map(contextOf), (task, about) => onTask(task, about));
      return receiver.fetch(request, platform);
    },
  };
}

const RECEIVER_RULES: Rules<ReceiverOptions> = {
  clients: required("a list of clients", aClientList),
  onTask: required("a function, which is told of the end of every task", aFunction),
};
