// A vendor on this machine: it takes tasks, says of each how far it is, and misbehaves when told to. It speaks a dialect.
import type { Answer, Asked, Dialect, State } from "./dialect.ts";
import type { PollFault, PostFault } from "./faults.ts";

export type VendorOptions = {
  readonly dialect: Dialect;
  readonly baseUrl: () => string;
  /** In ms since 1970. */
  readonly now: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** How long each task takes, in ms. */
  readonly taskMs: number;
  /** Ends a task at its so many-th poll instead. */
  readonly taskPolls?: number;
  /** Happens to the first paid request. */
  readonly postFault?: PostFault;
  /** Happens to the polls from `fromMs` after the submit, for so long; once, where it lasts 0 ms. */
  readonly pollFault?: { readonly fault: PollFault; readonly fromMs: number; readonly lastsMs: number };
};

/** What a vendor saw. */
export type Seen = {
  posts: number;
  cancels: number;
  /** The idempotency keys of the paid requests. */
  keys: Set<string>;
  /** The tasks it made. */
  ids: string[];
  /** When it was asked, until it said that a task has ended. */
  pollsAt: number[];
};

export type Vendor = {
  answer(asked: Asked): Promise<Answer>;
  readonly seen: Seen;
  /** When the first task ends, in ms of its clock. */
  endsAt(): number | undefined;
};

export function createVendor(options: VendorOptions): Vendor {
  const { dialect, now, taskMs, postFault, pollFault } = options;
  const seen: Seen = { posts: 0, cancels: 0, keys: new Set(), ids: [], pollsAt: [] };
  const tasks = new Map<string, { endsAt: number; polls: number }>();
  const json = (body: unknown, status = 200): Answer => ({ status, body: JSON.stringify(body) });
  const error = (status: number, message: string): Answer => json(dialect.error(status, message), status);
  let [faultUsed, isEndTold] = [false, false];

  const about = (id: string) => {
    const { endsAt = 0 } = tasks.get(id) ?? {};
    return { baseUrl: options.baseUrl(), createdAt: endsAt - taskMs, endsAt };
  };

  async function submit(asked: Asked, holdMs = 0): Promise<Answer> {
    const key = asked.headers["idempotency-key"];
    if (typeof key === "string") seen.keys.add(key);
    seen.posts++;
    const isFirst = seen.posts === 1;
    const id = `${ID}${++taken}`;
    const accept = async (): Promise<Answer> => {
      const endsAt = now() + taskMs;
      tasks.set(id, { endsAt, polls: 0 });
      seen.ids.push(id);
      if (holdMs > 0) await options.sleep?.(Math.min(holdMs, taskMs));
      const isRunning = options.taskPolls !== undefined || now() < endsAt;
      return json(dialect.accepted(id, isRunning ? "running" : "done", options.baseUrl()), ACCEPTED);
    };
    return isFirst && postFault ? postFault.answer({ accept, error }) : accept();
  }

  function poll(id: string, kind: "poll" | "result"): Answer {
    const task = tasks.get(id);
    if (!task) return error(404, "no such task");
    if (!isEndTold) seen.pollsAt.push(now());
    const isRunning = options.taskPolls === undefined ? now() < task.endsAt : ++task.polls < options.taskPolls;
    const state = isRunning ? "running" : "done";
    const answer = (as: State): Answer => {
      isEndTold ||= as === "done";
      if (kind === "poll" || !dialect.result) return json(dialect.status(id, as, about(id)));
      const { status, body } = dialect.result(id, as, options.baseUrl());
      return json(body, status);
    };
    if (pollFault) {
      const age = now() - (task.endsAt - taskMs) - pollFault.fromMs;
      const isDue = age >= 0 && (pollFault.lastsMs === 0 ? !faultUsed : age < pollFault.lastsMs);
      if (isDue) {
        faultUsed = true;
        return pollFault.fault.answer({ answer: () => answer(state), strange: () => answer("strange"), error });
      }
    }
    return answer(state);
  }

  return {
    seen,
    endsAt: () => tasks.values().next().value?.endsAt,
    async answer(asked) {
      const wanted = dialect.wants(asked);
      if (!wanted) return error(404, `nothing at ${asked.method} ${asked.path}`);
      if (wanted.kind === "submit") return submit(asked, wanted.holdMs);
      if (wanted.kind !== "cancel") return poll(wanted.id, wanted.kind);
      seen.cancels++;
      return json(dialect.status(wanted.id, "running", about(wanted.id)));
    },
  };
}

/** Long enough that no text has it by chance. */
export const ID = "task-5f0c2b7e-";
/** Over all vendors of this process: when a client asks may depend on the id. */
let taken = 0;
const ACCEPTED = 200;
