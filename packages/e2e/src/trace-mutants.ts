// Of the mutants of `unit-mutants.ts` those that break what is told of a call, in core's channels and in `@vidtask/otel`.
import type { Patch, UnitMutant } from "./mutated-copy.ts";

const core = (broken: string, patch: Patch): UnitMutant => ({
  broken,
  patches: [patch],
  tests: { package: "core", files: ["src/trace.test.ts"] },
});
const otel = (broken: string, { file, ...patch }: Patch): UnitMutant => ({
  broken,
  patches: [{ ...patch, file: `otel/src/${file}` }],
  tests: { package: "otel", files: ["src/instrument.test.ts"] },
});

export const traceMutants: { readonly [name: string]: UnitMutant } = {
  "trace-shows-prompts": core("a log of a trace's context shows the prompt", {
    file: "core/src/trace.ts",
    from: "enumerable: false, writable",
    to: "enumerable: true, writable",
  }),
  "trace-any-parent": core("whatever a listener gives as a traceparent is written into the journal", {
    file: "core/src/trace.ts",
    from: "/^[\\da-f-]{55}$/.test(traceparent)",
    to: "traceparent !== undefined",
  }),
  "trace-accepts-again": core("a repeated submit counts as paid again", {
    file: "core/src/submit/run.ts",
    from: 'type === "accepted" && (trace.accepted = true)',
    to: "type && (trace.accepted = true)",
  }),
  "trace-lost-in-callbacks": core("a callback does not know its submit's span", {
    file: "core/src/callback/process.ts",
    from: "if (trace) trace.submitTraceparent = row?.traceparent;",
    to: "",
  }),
  "trace-dead-parent": core("a row taken over keeps the span of the process that died", {
    file: "core/src/submit/claim.ts",
    from: "sendBefore, ...traceparentOf(run.trace) }",
    to: "sendBefore }",
  }),
  "trace-wait-outside": core("a wait asks outside of what its listeners have bound to it", {
    file: "core/src/poll/traced-wait.ts",
    from: "inside = snapshot() ?? inside;",
    to: "",
  }),
  "span-always-prompts": otel("a span holds the prompt unasked", {
    file: "spans.ts",
    from: "prompts && typeof",
    to: "typeof",
  }),
  "span-any-link": otel("a span links to whatever the journal holds", {
    file: "traceparent.ts",
    from: "return isSpanContextValid(span) ? span : undefined;",
    to: "return span;",
  }),
  "metric-plans-charged": otel("a submit that found its task is counted as a charge", {
    file: "metrics.ts",
    from: "if (about.accepted && about.priceUsd !== undefined)",
    to: "if (about.priceUsd !== undefined)",
  }),
  "metric-refused-unknown": otel("a refused submit counts as in doubt", {
    file: "metrics.ts",
    from: 'billed === "unknown" ? 1 : 0',
    to: "errorType === undefined ? 0 : 1",
  }),
};
