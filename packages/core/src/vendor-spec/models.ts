// The models of a vendor as data: what each takes, and how long it takes by the vendor's pages.
import * as z from "zod/mini";
import type { JsonObject } from "../task/task.ts";

/** One model, as data. */
export type ModelSpec = {
  /** The name of the same model across all vendors, such as `kling-2.6`: the one that a router takes. */
  family?: string;
  /** The schema of its request without `model`: it gives the type, the run-time check and the documentation. */
  request: z.ZodMiniObject;
  /** How long a generation takes, in ms; for each `duration` if the page gives that. Absent if no page says anything. */
  timing?: readonly Timing[];
  /** The vendor's page, such as "APIXO, model page kling-2-6". */
  source: string;
};

/** The models of a vendor, by the vendor's names. */
export type ModelSpecs = { readonly [model: string]: ModelSpec };

type Show<T> = { [K in keyof T]: T[K] };

/** The request type of a model table, narrowed by the literal `model`; with a name, the request type of that model. */
export type RequestOf<M extends ModelSpecs, K extends keyof M & string = keyof M & string> = {
  [Model in K]: Show<
    {
      /** The vendor's name of the model, which determines the other fields. `source` in `client.models` names its page. */
      model: Model;
    } & z.input<M[Model]["request"]> & {
        /** Deep-merged into the body last, as `plan` shows; it may not override what vidtask wrote. */
        extraBody?: JsonObject | undefined;
      }
  >;
}[K];

/**
 * Makes the schema of a request from its fields and the rules between them. Unknown fields are refused. The docstring on the
 * lines above a field is what users of a built package read in their editor.
 */
export const requestSchema = <T extends z.core.$ZodShape>(fields: T, ...rules: z.core.$ZodCheck<unknown>[]) =>
  // The fields' own type: zod makes a mapped one of it, and declarations that are built from that have no docstrings.
  z.strictObject(fields).check(...rules) as unknown as z.ZodMiniObject<T, z.core.$strict>;

/** How long a generation takes: a documented range, or the quantiles that a vendor publishes. */
export type Timing =
  | { duration?: number; minMs: number; maxMs: number }
  | { duration?: number; p50Ms: number; p90Ms: number };

/** The timing of a video of this length; if the length is unknown, the widest range of the model. */
export function timingOf(row: { timing?: readonly Timing[] } | undefined, duration: unknown): Timing | undefined {
  const all = row?.timing ?? [];
  const exact = all.find((timing) => timing.duration === undefined || timing.duration === duration);
  const ranges = all.flatMap((timing) => ("minMs" in timing ? [timing] : []));
  if (exact || ranges.length === 0) return exact;
  const minMs = Math.min(...ranges.map((range) => range.minMs));
  return { minMs, maxMs: Math.max(...ranges.map((range) => range.maxMs)) };
}

/** The length of the video that a request asks for; if the request does not say, its model's default. */
export function lengthOf(models: ModelSpecs, model: string, { duration }: { readonly duration?: unknown }): unknown {
  const row = duration === undefined && Object.hasOwn(models, model) ? models[model] : undefined;
  return row ? z.safeParse(row.request.def.shape["duration"] ?? z.unknown(), undefined).data : duration;
}

/** The documented time of a generation; for quantiles, from the median to the 90th percentile. */
export function expectedTime(
  row: ModelSpec | undefined,
  duration: unknown,
): { minMs: number; maxMs: number } | undefined {
  const timing = timingOf(row, duration);
  if (!timing) return undefined;
  return "p50Ms" in timing
    ? { minMs: timing.p50Ms, maxMs: timing.p90Ms }
    : { minMs: timing.minMs, maxMs: timing.maxMs };
}

const experiments = new WeakMap<object, string>();

/** Marks a field whose name on the wire the vendor does not document: every plan that uses it has a warning with this reason. */
export const undocumented = <T extends z.ZodMiniType>(schema: T, why: string): T => {
  experiments.set(schema, why);
  return schema;
};

/** The fields of a request that are marked `undocumented`, with the reasons. */
export function undocumentedFields(
  row: ModelSpec,
  request: { readonly [field: string]: unknown },
): { field: string; why: string }[] {
  return Object.entries(row.request.def.shape).flatMap(([field, schema]) => {
    const why = request[field] === undefined ? undefined : experiments.get(schema);
    return why === undefined ? [] : [{ field, why }];
  });
}
