import type { Meter, Tracer } from "@opentelemetry/api";

/** The options of `instrumentVidtask`. */
export type InstrumentOptions = {
  /** @default the tracer `@vidtask/otel` of the global provider */
  tracer?: Tracer | undefined;
  /** @default the meter `@vidtask/otel` of the global provider */
  meter?: Meter | undefined;
  /**
   * Puts the prompt of a submit into its span, and the message of an error, which may quote it.
   * @default false
   */
  prompts?: boolean | undefined;
};

type Rule = readonly [rule: string, holds: (value: unknown) => boolean];

const has = (method: string) => (value: unknown) =>
  typeof (value as { readonly [name: string]: unknown } | null)?.[method] === "function";
const RULES: { readonly [option in keyof Required<InstrumentOptions>]: Rule } = {
  tracer: ["an OpenTelemetry Tracer, as `trace.getTracer(name)` returns it", has("startSpan")],
  meter: ["an OpenTelemetry Meter, as `metrics.getMeter(name)` returns it", has("createCounter")],
  prompts: ["true or false", (value) => typeof value === "boolean"],
};

/** @throws TypeError that names every wrong option; `null` counts as absent */
export function checkOptions(given: InstrumentOptions | null): InstrumentOptions {
  if (typeof (given ?? {}) !== "object")
    throw new TypeError("instrumentVidtask: give it an object of options, or nothing");
  const options = Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const wrong = options.flatMap(([name, value]) => {
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof typeof RULES] : undefined;
    if (!rule) return [`\`${name}\` is not an option: there are ${Object.keys(RULES).join(", ")}`];
    return rule[1](value) ? [] : [`\`${name}\` must be ${rule[0]}, or left out`];
  });
  if (wrong.length > 0) throw new TypeError(`instrumentVidtask: ${wrong.join("; ")}`);
  return Object.fromEntries(options);
}
