// One span for each call, each linked to the span of its task's submit, in whatever process that was.
import { SpanKind, SpanStatusCode, type Attributes, type Context, type Span, type Tracer } from "@opentelemetry/api";
import type { TraceContext } from "@vidtask/core";
import { callOf } from "./call.ts";
import type { Path } from "./paths.ts";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";

const KINDS: { readonly [path in Path]: SpanKind } = {
  submit: SpanKind.CLIENT,
  get: SpanKind.CLIENT,
  wait: SpanKind.CLIENT,
  cancel: SpanKind.CLIENT,
  download: SpanKind.CLIENT,
  // The span of the HTTP request around it is your server's.
  callback: SpanKind.CONSUMER,
};

export function spansOf(tracer: Tracer, { prompts }: { prompts: boolean }) {
  const open = new Map<TraceContext, Span>();
  const spans = {
    start(path: Path, about: TraceContext, parent: Context): Span {
      const span = tracer.startSpan(`vidtask.${path}`, { kind: KINDS[path], attributes: attributesOf(about) }, parent);
      open.set(about, span);
      if (prompts && typeof about.prompt === "string") span.setAttribute("vidtask.prompt", about.prompt);
      if (path === "submit") {
        const traceparent = formatTraceparent(span.spanContext());
        if (traceparent !== undefined) about.traceparent = traceparent;
      }
      return span;
    },
    end(about: TraceContext): void {
      const span = open.get(about);
      if (!span) return;
      open.delete(about);
      span.setAttributes(attributesOf(about));
      const submit = parseTraceparent(about.submitTraceparent);
      if (submit) span.addLink({ context: submit });
      if (callOf(about).errorType !== undefined) {
        // A vendor's words may quote the prompt.
        const message = prompts && about.error instanceof Error ? { message: about.error.message } : {};
        span.setStatus({ code: SpanStatusCode.ERROR, ...message });
      }
      span.end();
    },
    /** Of calls that go on: without an end no span is exported. */
    endAll(): void {
      for (const about of open.keys()) spans.end(about);
    },
  };
  return spans;
}

function attributesOf(about: TraceContext): Attributes {
  const { vendor, model, ref, state, errorType, billed, bytes, status } = callOf(about);
  const all = {
    "vidtask.vendor": vendor,
    "vidtask.model": model,
    "vidtask.idempotency_key": about.idempotencyKey,
    "vidtask.ref": ref,
    "vidtask.state": state,
    "vidtask.price_usd": about.priceUsd,
    "vidtask.accepted": about.accepted,
    "vidtask.polls": about.polls,
    "vidtask.bytes": bytes,
    "vidtask.billed": billed,
    "error.type": errorType,
    "http.response.status_code": status,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
