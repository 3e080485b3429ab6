// Reads a body as fast as it comes, a few megabytes ahead of its reader. Node 22 and 24 end the whole process when
// a host closes its connection while the body waits to be read (nodejs/undici#5360): so it never waits on a connection
// that may be closed after it.
import type { IdleTimeout } from "../time/idle-timeout.ts";

const AHEAD = 8 * 1024 ** 2;

export type ReadAhead = {
  chunks: AsyncGenerator<Uint8Array, void, undefined>;
  /** True when it stopped by itself, because too much was waiting: the rest must be requested again. */
  isFull(): boolean;
};

/** @param canWait whether the host keeps the connection, so that the body may wait on it */
export function readAhead(body: ReadableStream<Uint8Array>, idleTimeout: IdleTimeout, canWait: boolean): ReadAhead {
  const reader = body.getReader();
  const queue: Uint8Array[] = [];
  let ahead = 0;
  let isFull = false;
  let end: { error?: unknown } | undefined;
  let [wakeUser, wakePump] = [() => {}, () => {}];

  async function pump(): Promise<void> {
    for (;;) {
      const { done, value } = await idleTimeout.during(reader.read());
      if (done) return;
      queue.push(value);
      ahead += value.byteLength;
      wakeUser();
      if (ahead < AHEAD) continue;
      if (!canWait) {
        isFull = true;
        return stop();
      }
      await new Promise<void>((resolve) => (wakePump = resolve));
    }
  }
  const stop = () => void reader.cancel().catch(() => {});

  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = queue.shift();
        if (chunk) {
          ahead -= chunk.byteLength;
          if (ahead < AHEAD) wakePump();
          yield chunk;
        } else if (end) {
          if ("error" in end) throw end.error;
          return;
        } else await new Promise<void>((resolve) => (wakeUser = resolve));
      }
    } finally {
      stop();
    }
  }

  pump()
    .then(
      () => (end = {}),
      (error: unknown) => (end = { error }),
    )
    .finally(() => wakeUser());
  return { chunks: chunks(), isFull: () => isFull };
}
