import { AsyncLocalStorage } from "node:async_hooks";
import { context, type Context } from "@opentelemetry/api";

/**
 * The context in which a channel runs a call: OpenTelemetry's own, so that the spans of other instrumentations (an HTTP request,
 * a query of the journal, a log line in `onTask`) become children of the call's span. Without a context manager it does nothing.
 */
export class ActiveSpan extends AsyncLocalStorage<Context> {
  /** Called by the channels of Node up to 25. */
  override run<R, A extends unknown[]>(active: Context, work: (...args: A) => R, ...args: A): R {
    return context.with(active, work, undefined, ...args);
  }

  /** Called by the channels of Node 26. It needs version 1.10 of the API; with older ones the call's span gets no children there. */
  withScope(active: Context): Disposable {
    const scope = (context as Partial<typeof context>).attach?.call(context, active);
    return { [Symbol.dispose]: () => scope?.dispose() };
  }
}
