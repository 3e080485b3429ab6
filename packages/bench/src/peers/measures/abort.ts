// What an AbortSignal does to a wait: how soon it ends, whether polls go on, and whether the task can be found again.
import type { Peer } from "../peer.ts";
import { formsOf, type FormName } from "../peers.ts";
import { hasId, liveOnce } from "./one.ts";

const TASK = 90_000;
/** Between two polls of every client here. */
const AT = 20_250; // in the paid request of the client that waits there

export type Abort = {
  readonly form: FormName;
  /** From the abort to the end of the promise; absent where it went on to the end of the task. */
  readonly stopsAfterMs?: number;
  readonly pollsAfter: number;
  /** Where the program has the task's id from. */
  readonly id: "the error" | "before" | "nowhere";
  readonly isCanceled: boolean;
  /** Paid requests, when the program calls once more for the same video. */
  readonly postsInTwoCalls: number;
}[];

export async function abort(peer: Peer, library: unknown): Promise<Abort> {
  const all: Abort[number][] = [];
  for (const [form, how] of formsOf(peer)) {
    const { error, seen, beganAt, tookMs, isIdGiven } = await liveOnce(peer, how, library, {
      taskMs: TASK,
      abortMs: AT,
      afterMs: TASK,
    });
    const again = await liveOnce(peer, how, library, { taskMs: TASK, abortMs: AT, isRepeated: true });
    const isStopped = error !== undefined || seen.cancels > 0;
    all.push({
      form,
      ...(isStopped && { stopsAfterMs: Math.round(tookMs - AT) }),
      pollsAfter: seen.pollsAt.filter((at) => at > beganAt + AT).length,
      id: error !== undefined && hasId(error) ? "the error" : isIdGiven ? "before" : "nowhere",
      isCanceled: seen.cancels > 0,
      postsInTwoCalls: again.seen.posts,
    });
  }
  return all;
}
