// What is there already goes on at once: to `await` it would cost each request a turn.

export const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as PromiseLike<T> | undefined)?.then === "function";

/** `work` on a value, when it is there. */
export const whenThere = <T, R>(value: T | PromiseLike<T>, work: (value: T) => R | PromiseLike<R>) =>
  isPromise(value) ? value.then(work) : work(value);
