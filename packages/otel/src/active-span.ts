import { AsyncLocalStorage } from "node:async_hooks";
import { context, type Context } from "@opentelemetry/api";

/**
 * What a channel runs a call in: OpenTelemetry's own context, so that the spans of other instrumentations (an HTTP request,
 * a query of the journal, a log line in `onTask`) are children of the call's span. Without a context manager it does nothing.
 */
export class ActiveSpan extends AsyncLocalStorage<Context> {
  /** Called by the channels of Node up to 25. */
  override run<R, A extends unknown[]>(active: Context, work: (...args: A) => R, ...args: A): R {
    return context.with(active, work, undefined, ...args);
  }

  /** Called by those of Node 26. The API has what it takes from 1.10 on; before, the call's span is nobody's parent there. */
  withScope(active: Context): Disposable {
    const scope = (context as Partial<typeof context>).attach?.call(context, active);
    return { [Symbol.dispose]: () => scope?.dispose() };
  }
}
