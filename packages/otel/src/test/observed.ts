import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createEmulator, type EmulatorOptions } from "@vidtask/emulator";
import { onTestFinished } from "vitest";
import { instrumentVidtask } from "../instrument.ts";
import type { InstrumentOptions } from "../options.ts";

/** The real OpenTelemetry SDK with what it has exported, and an emulator, until the test ends. */
export function observed(options: InstrumentOptions = {}, emulated: EmulatorOptions = {}) {
  const exporter = new InMemorySpanExporter();
  const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 600_000 });
  const meters = new MeterProvider({ readers: [reader] });
  const tracer = tracers.getTracer("test");
  const stop = instrumentVidtask({ tracer, meter: meters.getMeter("test"), ...options });
  onTestFinished(async () => {
    stop();
    await Promise.all([tracers.shutdown(), meters.shutdown()]);
  });
  /** The points of each metric now. */
  async function points() {
    await reader.forceFlush();
    const all = metricExporter.getMetrics().at(-1)?.scopeMetrics ?? [];
    const metrics = all.flatMap(({ metrics }) => metrics);
    return Object.fromEntries(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]));
  }
  return {
    emulator: createEmulator({ ...emulated, clock: "manual" }),
    tracer,
    points,
    stop,
    spans: () => exporter.getFinishedSpans(),
    /** All that leaves, as text. */
    exported: async () =>
      JSON.stringify([
        await points(),
        exporter
          .getFinishedSpans()
          .map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links })),
      ]),
  };
}
