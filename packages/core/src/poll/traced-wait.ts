import type { Task } from "../task/task.ts";
import { builtin, channelsOf, unlisted, type Channels, type Trace, type TraceContext } from "../trace.ts";

type Steps = AsyncGenerator<Task, void, undefined>;
type Inside = <T>(work: () => T) => T;

/** A wait, told to who listens, as `traced` tells of a call: step by step. */
export function tracedWait(begin: () => TraceContext, steps: (trace: Trace) => Steps): Steps {
  const channels = channelsOf("wait");
  return channels ? tellSteps(channels, unlisted(begin()), steps) : steps(undefined);
}

async function* tellSteps(channels: Channels, trace: TraceContext, steps: (trace: Trace) => Steps): Steps {
  let settle: (result?: Task | Promise<never>) => void = () => {};
  const end = new Promise<Task | undefined>((resolve) => (settle = resolve));
  let inside: Inside = (work) => work();
  channels
    .tracePromise(() => {
      inside = snapshot() ?? inside;
      return end;
    }, trace)
    .catch(() => {});
  let seen: Task | undefined;
  const all = steps(trace);
  try {
    for (;;) {
      const { done, value } = await inside(() => all.next());
      if (done) return;
      yield (seen = value);
    }
  } catch (error) {
    settle(Promise.reject(error));
    throw error;
  } finally {
    await all.return();
    settle(seen);
  }
}

/**
 * What runs each step in the context that the listeners have bound to the call, a tracer's active span say: a generator runs in
 * that of whoever asks for its next value.
 */
function snapshot(): Inside | undefined {
  try {
    return builtin<{ AsyncLocalStorage: { snapshot(): Inside } }>("node:async_hooks").AsyncLocalStorage.snapshot();
  } catch {
    return undefined;
  }
}
