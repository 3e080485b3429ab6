// What a client carries under a symbol: that is how the router, `saveVideo` and others reach what is inside of it.
import type { ClientContext } from "../context/context.ts";
import type { Journal } from "../journal/journal.ts";
import type { WaitContext, WaitOptions } from "../poll/wait.ts";
import type { VideoRequest } from "../request/request.ts";
import type { SubmitOptions } from "../submit/submit.ts";
import type { SucceededTask, Task } from "../task/task.ts";
import type { VideoClient } from "./client.ts";

/** One vendor's client from inside. */
export type Member = {
  readonly client: VideoClient;
  readonly context: ClientContext;
  /** A submit on behalf of another request (a family's), which is the one the key stands for. */
  submitAs(request: VideoRequest, options: SubmitOptions, key: string, identity: VideoRequest): Promise<Task>;
  /** The end of a submitted task, as `generate` gives it. */
  endOf(task: Task, options: WaitOptions, about: WaitContext): Promise<SucceededTask>;
  /** Takes a shared journal. @throws InvalidRequestError at `journal` when the client has another one already */
  adopt(journal: Journal): void;
};

/** Symbol.for: a client made by another copy of core is reached as well. */
export const MEMBERS = Symbol.for("vidtask.client");

/** The members of a router, or a client itself as the only one. */
export function membersOf(client: object): readonly Member[] {
  const members = (client as { [MEMBERS]?: readonly Member[] })[MEMBERS];
  if (!members) throw new TypeError("not a vidtask client: pass what createApixo() or another factory returned");
  return members;
}

/** The internals of the client that a vendor's tasks belong to; of a single client, its own. */
export function contextOf(client: object, vendor?: string): ClientContext {
  const members = membersOf(client);
  const member = members.find(({ context }) => context.adapter.vendor === vendor) ?? members[0];
  if (!member) throw new TypeError("this client has no vendor");
  return member.context;
}

/** Items of several async iterables in the order in which they come; ends, or fails, with the sources. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const take = async (index: number) => ({ index, step: await iterators[index]?.next() });
  const pending = new Map(iterators.map((_, index) => [index, take(index)]));
  try {
    while (pending.size > 0) {
      const { index, step } = await Promise.race(pending.values());
      pending.delete(index);
      if (!step || step.done) continue;
      pending.set(index, take(index));
      yield step.value;
    }
  } finally {
    // Left early: nobody waits for what is under way.
    for (const [index, next] of pending) {
      next.catch(() => {});
      void iterators[index]?.return?.()?.catch(() => {});
    }
  }
}
