import { AsyncLocalStorage } from "node:async_hooks";
import { context, type Context } from "@opentelemetry/api";

/**
 * What a channel runs a call in: OpenTelemetry's own context, so that the spans of other instrumentations (an HTTP request,
 * a query of the journal, a log line in `onTask`) are children of the call's span. Without a context manager it does nothing.
 */
export class ActiveSpan extends AsyncLocalStorage<Context> {
  override run<R, A extends unknown[]>(active: Context, work: (...args: A) => R, ...args: A): R {
    return context.with(active, work, undefined, ...args);
  }
}
