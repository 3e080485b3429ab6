// Whether a client still sees the end of a paid task when asking about it goes wrong, once or for a minute.
import { pollFaults } from "../faults.ts";
import type { Peer } from "../peer.ts";
import { formsOf, type FormName } from "../peers.ts";
import { hasId, liveOnce } from "./one.ts";

/** In ms: every client polls by then, also the one whose paid request itself waits for a minute. */
const FROM = 65_000;
const ONCE = { taskMs: FROM + 25_000, lastsMs: 0 };
const MINUTE = { taskMs: FROM + 90_000, lastsMs: 60_000 };

export type Polls = {
  readonly form: FormName;
  readonly faults: {
    readonly fault: string;
    readonly survivesOnce: boolean;
    readonly survivesMinute: boolean;
    /** Of the error it ended with: whether the task's id is in it. Absent where there was none. */
    readonly hasId?: boolean;
    /** Paid requests: a client that gives a task up and starts another sends two. */
    readonly posts: number;
  }[];
}[];

export async function polls(peer: Peer, library: unknown): Promise<Polls> {
  const all: Polls[number][] = [];
  for (const [form, how] of formsOf(peer)) {
    const faults: Polls[number]["faults"] = [];
    for (const fault of pollFaults) {
      if (peer.cannotHave?.[fault.name]) continue;
      const lived = async ({ taskMs, lastsMs }: typeof ONCE) =>
        liveOnce(peer, how, library, { taskMs, pollFault: { fault, fromMs: FROM, lastsMs } });
      const [once, minute] = [await lived(ONCE), await lived(MINUTE)];
      const error = once.error ?? minute.error;
      faults.push({
        fault: fault.name,
        survivesOnce: once.error === undefined,
        survivesMinute: minute.error === undefined,
        ...(error !== undefined && { hasId: hasId(error) }),
        posts: Math.max(once.seen.posts, minute.seen.posts),
      });
    }
    all.push({ form, faults });
  }
  return all;
}
