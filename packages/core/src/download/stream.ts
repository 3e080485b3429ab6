import type { ClientContext } from "../context/context.ts";
import { callFetch } from "../http/fetch.ts";
import { emitter } from "../task/events.ts";
import type { TaskRef } from "../task/task.ts";
import { linkSignals } from "../time/abort.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { abortedDownload } from "./faults.ts";
import { noProgress } from "./progress.ts";
import type { Send } from "./range.ts";
import { openSource } from "./source.ts";
import { tracedDownload } from "./traced-download.ts";
import { fetchChunks } from "./transfer.ts";
import type { OpenVideoOptions } from "./video-options.ts";

export { contextOf } from "../context/context.ts";

/** The largest video that is fetched, in bytes, unless the caller says otherwise. */
export const MAX_BYTES = 4 * 1024 ** 3;

/** The stream behind `openVideo`, of checked options. */
export const openStream: typeof open = (context, task, given) =>
  tracedDownload(context, task, () => open(context, task, given));

async function open(
  context: ClientContext,
  task: TaskRef,
  { index = 0, signal: outer, maxBytes = MAX_BYTES }: OpenVideoOptions = {},
): Promise<{ stream: ReadableStream<Uint8Array>; bytes?: number }> {
  const { signal, abort, end } = linkSignals(outer);
  const emit = emitter(context.onEvent);
  const stopped = () => abortedDownload({ context, task });
  try {
    const source = await untilAborted(openSource(context, task, { index, signal, emit }), signal, stopped);
    const progress = noProgress();
    const send = plainSend(context);
    const chunks = fetchChunks({ context, task, source, progress, maxBytes, canRewind: false, signal, emit, send });
    const first = await chunks.next();
    let next: typeof first | undefined = first;
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) =>
          signal.addEventListener("abort", () => outer?.aborted && controller.error(stopped()), { once: true }),
        async pull(controller) {
          try {
            const { done, value } = next ?? (await chunks.next());
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
          void chunks.return().catch(() => {});
        },
      },
      { highWaterMark: 0 },
    );
    return { stream, ...(progress.total === undefined ? {} : { bytes: progress.total }) };
  } catch (error) {
    end();
    throw error;
  }
}

/** The client's `fetch`, or the runtime's: it sees a host's name, not the address behind it. */
export const plainSend = ({ options }: ClientContext): Send => {
  const send = options.fetch ?? fetch;
  return (url, init) => callFetch(send, url.href, init);
};
