import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** A span in lines: its name and ids, the spans it links to, and what vidtask says of it. */
export function spanText(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  const [seconds, nanoseconds] = span.duration;
  return [
    `${span.name}  ${(seconds + nanoseconds / 1e9).toFixed(2)} s`,
    `  span ${spanId}  trace ${traceId}`,
    ...span.links.map(({ context }) => `  link ${context.spanId}  trace ${context.traceId}`),
    ...Object.entries(span.attributes).map(([key, value]) => `  ${key}  ${String(value)}`),
  ].join("\n");
}
