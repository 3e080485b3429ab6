import { linkSignals, untilAborted } from "../abort.ts";
import type { ClientContext } from "../client-context.ts";
import type { VideoClient } from "../client.ts";
import { emitter } from "../events.ts";
import { contextOf } from "../internals.ts";
import type { TaskRef } from "../task/task.ts";
import type { Send } from "./answer.ts";
import { abortedDownload } from "./faults.ts";
import { nothingHad } from "./had.ts";
import { fetchPieces } from "./pieces.ts";
import { openSource } from "./source.ts";

/** The largest video that is fetched, in bytes, unless the caller says otherwise. */
export const MAX_BYTES = 4 * 1024 ** 3;

/** How a video is fetched. */
export type OpenOptions = {
  /** Which video of the task. @default 0 */
  index?: number | undefined;
  /** Stops at once with an `AbortedError`. */
  signal?: AbortSignal | undefined;
  /** A longer video is refused. @default 4 GiB */
  maxBytes?: number | undefined;
};

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
  options: OpenOptions = {},
): Promise<{ stream: ReadableStream<Uint8Array>; bytes?: number }> {
  const context = contextOf(client, task.vendor);
  const { index = 0, signal: outer, maxBytes = MAX_BYTES } = options;
  const { signal, abort, end } = linkSignals(outer);
  const emit = emitter(context.onEvent);
  const stopped = () => abortedDownload({ context, task });
  try {
    const source = await untilAborted(openSource(context, task, { index, signal, emit }), signal, stopped);
    const had = nothingHad();
    const send = plainSend(context);
    const pieces = fetchPieces({ context, task, source, had, maxBytes, canRewind: false, signal, emit, send });
    const first = await pieces.next();
    let next: typeof first | undefined = first;
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) =>
          signal.addEventListener("abort", () => outer?.aborted && controller.error(stopped()), { once: true }),
        async pull(controller) {
          try {
            const { done, value } = next ?? (await pieces.next());
            next = undefined;
            if (!done) return controller.enqueue(value.bytes);
            end();
            controller.close();
          } catch (error) {
            end();
            throw error;
          }
        },
        cancel(reason) {
          abort(reason);
          end();
          void pieces.return().catch(() => {});
        },
      },
      { highWaterMark: 0 },
    );
    return { stream, ...(had.total === undefined ? {} : { bytes: had.total }) };
  } catch (error) {
    end();
    throw error;
  }
}

/** The client's `fetch`, or the runtime's: it sees what a host is called, not where its name leads. */
export const plainSend = ({ options }: ClientContext): Send => {
  const send = options.fetch ?? fetch;
  return (url, init) => send(url.href, init);
};
