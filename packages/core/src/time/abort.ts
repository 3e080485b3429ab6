import { settle } from "./until-aborted.ts";
import { whenAborted } from "./when-aborted.ts";
import { whenLate } from "./when-late.ts";

export type LinkedSignal = { signal: AbortSignal; abort: (reason: unknown) => void; end: () => void };

/** A signal that aborts with the first of several; `end` lets go of the long-lived ones. */
export function linkSignals(...signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const links = signals.map((signal) => {
    if (!signal?.aborted) return whenAborted(signal, () => controller.abort(signal?.reason));
    controller.abort(signal.reason);
    return () => {};
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    end: () => links.forEach((forget) => forget()),
  };
}

/** As `linkSignals`, where nothing else aborts it: of one signal that signal itself. */
export function firstOf(...signals: readonly (AbortSignal | undefined)[]): Omit<LinkedSignal, "abort"> {
  const [only, ...others] = signals.filter((signal) => signal !== undefined);
  return only && others.length === 0 ? { signal: only, end: () => {} } : linkSignals(...signals);
}

/** Rejects when a store has not answered within `ms` of real time. It may do so later, and has then done what it was asked. */
export function answerWithin<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const inTime = whenLate(ms, () => reject(new DOMException(`no answer within ${ms} ms`, "TimeoutError")));
    settle(work, resolve, reject, inTime);
  });
}

/** Work that `drain` waits for, and what each piece of it is called when it does not end. */
export type InFlight = Map<Promise<unknown>, string>;

/** Adds work to what `drain` waits for. */
export function track<T>({ inFlight }: { readonly inFlight: InFlight }, name: string, work: Promise<T>): Promise<T> {
  const ended = work.then(
    () => {},
    () => {},
  );
  inFlight.set(ended, name);
  void ended.then(() => inFlight.delete(ended));
  return work;
}
