// How many paid requests one call sends when its first one, or the answer to it, is lost.
import { postFaults } from "../faults.ts";
import type { Peer } from "../peer.ts";
import type { FormName } from "../peers.ts";
import { formsOf } from "../peers.ts";
import { liveOnce } from "./one.ts";

export type PaidPosts = {
  readonly form: FormName;
  readonly faults: {
    readonly fault: string;
    /** What the vendor counted: each may be charged. */
    readonly posts: number;
    /** The same, when the program calls once more where the first call failed. */
    readonly postsInTwoCalls: number;
    /** Whether the client went on to a video. */
    readonly isDone: boolean;
    /** Whether all paid requests carried one and the same idempotency key. */
    readonly hasKey: boolean;
  }[];
}[];

export async function paidPosts(peer: Peer, library: unknown): Promise<PaidPosts> {
  const all: PaidPosts[number][] = [];
  for (const [form, how] of formsOf(peer)) {
    const faults: PaidPosts[number]["faults"] = [];
    for (const postFault of postFaults) {
      const options = { postFault, taskMs: 20_000 };
      const { seen, error } = await liveOnce(peer, how, library, options);
      const twice = await liveOnce(peer, how, library, { ...options, isRepeated: true });
      faults.push({
        fault: postFault.name,
        posts: seen.posts,
        postsInTwoCalls: twice.seen.posts,
        isDone: error === undefined,
        hasKey: seen.posts > 1 && seen.keys.size === 1,
      });
    }
    all.push({ form, faults });
  }
  return all;
}
