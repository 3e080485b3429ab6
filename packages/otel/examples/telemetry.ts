// An OpenTelemetry SDK as a program has it: spans as text, metrics for Prometheus. In yours an OTLP exporter takes the text's place.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { context, metrics, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { SimpleSpanProcessor, TracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace";
import { instrumentVidtask } from "@vidtask/otel";
import { spanText } from "./span-text.ts";

/** Starts the SDK, then vidtask's part of it. `port` is where Prometheus reads `/metrics`; 0 takes a free one. */
export async function startTelemetry({
  port = 0,
  print = console.log,
}: {
  port?: number;
  print?: (text: string) => void;
}) {
  const exporter: SpanExporter = {
    export(spans, done) {
      for (const span of spans) print(spanText(span));
      done({ code: 0 });
    },
    shutdown: async () => {},
  };
  const tracers = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const prometheus = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const meters = new MeterProvider({ readers: [prometheus] });
  const server = createServer((request, response) => prometheus.getMetricsRequestHandler(request, response));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));

  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  const stopVidtask = instrumentVidtask();

  return {
    metricsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    async stop() {
      stopVidtask();
      await tracers.shutdown();
      await meters.shutdown();
      server.close();
      server.closeAllConnections();
      for (const api of [trace, metrics, context]) api.disable();
    },
  };
}
