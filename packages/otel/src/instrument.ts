// Listens to core's tracing channels, and tells OpenTelemetry.
import { tracingChannel, type ChannelListener } from "node:diagnostics_channel";
import { context, metrics, trace, type Context } from "@opentelemetry/api";
import type { TraceContext } from "@vidtask/core";
import { ActiveSpan } from "./active-span.ts";
import { metricsOf } from "./metrics.ts";
import { checkOptions, type InstrumentOptions } from "./options.ts";
import { PATHS } from "./paths.ts";
import { spansOf } from "./spans.ts";

const NAME = "@vidtask/otel";

/**
 * Makes spans and metrics for every client in this process, also for those created before. Start your SDK first. They never
 * contain the vendors' URLs or keys, and no prompts unless you set `prompts`. Call it only once: a second call counts everything
 * twice. Returns a function that stops it, and ends the spans of calls that are still running.
 *
 * @throws TypeError if an option is wrong or unknown
 */
export function instrumentVidtask(options: InstrumentOptions = {}): () => void {
  const { tracer = trace.getTracer(NAME), meter = metrics.getMeter(NAME), prompts = false } = checkOptions(options);
  const spans = spansOf(tracer, { prompts });
  const measures = metricsOf(meter);
  const undo = PATHS.map((path) => {
    const channel = tracingChannel<unknown, TraceContext>(`vidtask:${path}`);
    const active = new ActiveSpan();
    // Before `start` is published: what the call does runs in the context that this returns.
    channel.start.bindStore(active, (about) => {
      const parent = context.active();
      return quietly(() => begin(about, parent)) ?? parent;
    });
    const begin = (about: TraceContext, parent: Context): Context => {
      measures.start(about);
      return trace.setSpan(parent, spans.start(path, about, parent));
    };
    const end = (about: TraceContext) => {
      quietly(() => spans.end(about));
      quietly(() => measures.end(path, about));
    };
    const onEnd = end as ChannelListener;
    channel.asyncEnd.subscribe(onEnd);
    return () => {
      channel.asyncEnd.unsubscribe(onEnd);
      channel.start.unbindStore(active);
    };
  });
  return () => {
    for (const one of undo.splice(0)) one();
    quietly(() => spans.endAll());
  };
}

/** What a listener throws would end the process, and with it a paid call: a span less. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
