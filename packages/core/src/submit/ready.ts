// A POST that is complete, with the slot of its task: what a submit has before its row says that it is sending.
import type { JournalEntry } from "../journal/journal.ts";
import { mustWrite } from "../journal/must-write.ts";
import { storeNow } from "../journal/row-time.ts";
import type { Slot } from "../limits/slots.ts";
import { isoTime, stopwatch } from "../time/clock.ts";
import { filesOf } from "./file-way.ts";
import type { PaidPost } from "./paid-post.ts";
import { preparePost, type PostOf } from "./prepare.ts";
import { submitAborted, type Submission } from "./submission.ts";

export type Ready = {
  readonly slot: Slot;
  readonly postOf: PostOf;
  readonly post: PaidPost;
  /** When it was made, by the store's clock. */
  readonly at: number;
  /** Time since then, of this process: the one in the row may be of another clock. */
  readonly passed: () => number;
  /** What the row keeps of it. */
  readonly kept: Partial<JournalEntry>;
};

/** The POST of an attempt, in a slot that is taken, past the queue. */
export async function readyPost(run: Submission, slot: Slot, postOf: PostOf, attempt: number): Promise<Ready> {
  const { context, key } = run;
  const token = drawToken();
  const passed = stopwatch(context.clock);
  const at = await mustWrite(context, key, () => storeNow(context));
  const post = await postOf(attempt, token, at);
  return { slot, postOf, post, at, passed, kept: keptOf(run, { token, postHash: post.hash, at }) };
}

const drawToken = (): string => crypto.randomUUID().replaceAll("-", "");

/** What a row keeps of its POST, for its vendor's ways to find it or to take it again. */
function keptOf(
  { context: { adapter, journal } }: Submission,
  { token, postHash, at }: { token: string; postHash: string | undefined; at: number },
) {
  if (postHash === undefined) return adapter.find ? { token } : {};
  return journal.now ? { token, postHash, windowFrom: isoTime(at) } : { token, postHash };
}

/** What a row says of a POST that is ready, from now on. */
export const sendingPatch = ({ at, kept }: Pick<Ready, "at" | "kept">, attempt: number) => ({
  state: "sending" as const,
  attempt,
  sentAt: isoTime(at),
  ...kept,
});

/** The first POST of a key, where no file, no budget and no limit stands between the key and its sending, or a limit has let it pass. */
export async function readyAtOnce(run: Submission, attempt: number): Promise<Ready | undefined> {
  const { context, stop } = run;
  const { limiter, limits, options } = context;
  if (filesOf(run).length > 0 || options.budget || (limits.shared && !run.hasRoom) || stop.aborted) return undefined;
  if (!limiter.hasSlot() || !limiter.isOpen()) return undefined;
  const slot = await limiter.take(stop);
  try {
    await limiter.pass("submit", stop);
    return await readyPost(run, slot, await preparePost(run), attempt);
  } catch (error) {
    slot.free();
    throw stop.aborted ? submitAborted(run) : error;
  }
}
