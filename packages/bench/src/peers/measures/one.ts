// One video by one client against one vendor, in virtual time: what the client did, and what the vendor saw.
import { inspect } from "node:util";
import type { Form, Peer } from "../peer.ts";
import { serve } from "../server.ts";
import { createVendor, ID, type Seen, type VendorOptions } from "../vendor.ts";
import { virtualTime, type VirtualTime } from "../virtual-time.ts";

/** Longer than any client here waits. */
const LIMIT = 1_800_000;

export type Lived = {
  /** The error it ended with; absent where it saw the end of its task. */
  readonly error?: unknown;
  readonly seen: Seen;
  /** When the call began, and how long it took until its promise ended, in virtual ms. */
  readonly beganAt: number;
  readonly tookMs: number;
  /** Whether the program was told the task's id before the end. */
  readonly isIdGiven: boolean;
};
type OneOptions = Pick<VendorOptions, "postFault" | "pollFault" | "taskMs"> & {
  /** Aborts so many ms after the call. */
  readonly abortMs?: number;
  /** Where the first call failed, the program calls once more for the same video. */
  readonly isRepeated?: boolean;
  /** Goes on for so long after the end, to see what is still asked. */
  readonly afterMs?: number;
};

let happened = () => 0;
let time: VirtualTime | undefined;

export async function liveOnce(peer: Peer, form: Form, library: unknown, options: OneOptions): Promise<Lived> {
  const clock = (time ??= virtualTime(() => happened()));
  let baseUrl = "";
  const { dialect } = peer;
  const vendor = createVendor({ ...options, dialect, now: clock.now, sleep: clock.sleep, baseUrl: () => baseUrl });
  const server = await serve(vendor, clock.sleep);
  ({ baseUrl, happened } = server);
  const beganAt = clock.now();
  const aborter = new AbortController();
  const timer = options.abortMs === undefined ? undefined : setTimeout(() => aborter.abort(), options.abortMs);
  let isIdGiven = false;
  const onId = () => void (isIdGiven = true);
  const call = form.client(library, { baseUrl });
  const lived = async (signal?: AbortSignal): Promise<unknown> => {
    try {
      await clock.until(call({ key: "row-17", onId, ...(signal && { signal }) }), LIMIT);
      return undefined;
    } catch (thrown) {
      return thrown ?? new Error("rejected with nothing");
    }
  };
  const error = await lived(timer && aborter.signal);
  const tookMs = clock.now() - beganAt;
  clearTimeout(timer);
  const isDone = error === undefined && vendor.seen.cancels === 0;
  if (!isDone && options.isRepeated) await lived();
  if (options.afterMs !== undefined) await clock.until(clock.sleep(options.afterMs), LIMIT);
  await server.close();
  return { seen: vendor.seen, beganAt, tookMs, isIdGiven, ...(error !== undefined && { error }) };
}

/** Whether a person or a program finds the task's id in an error. */
export const hasId = (error: unknown): boolean => inspect(error, { depth: 6, showHidden: true }).includes(ID);
