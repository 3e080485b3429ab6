// The models of a vendor as data: what each takes, and how long it takes by the vendor's pages.
import * as z from "zod/mini";
import type { JsonObject } from "../task/task.ts";

/** One model, as data. */
export type ModelSpec = {
  /** The name that the same model has at all vendors, as `kling-2.6`: what a router is asked for. */
  family?: string;
  /** The schema of its request without `model`: the request's type, its run-time check and its documentation. */
  request: z.ZodMiniObject;
  /** How long a generation takes, in ms, by `duration` where the page says so. Absent where no page says anything. */
  timing?: readonly Timing[];
  /** The vendor's page, as "APIXO, model page kling-2-6". */
  source: string;
};

/** The models of a vendor by the names it gives them. */
export type ModelSpecs = { readonly [model: string]: ModelSpec };

type Show<T> = { [K in keyof T]: T[K] };

/** The request type of a model table, narrowed by the `model` literal; that of one model, where its name is given. */
export type RequestOf<M extends ModelSpecs, K extends keyof M & string = keyof M & string> = {
  [Model in K]: Show<
    {
      /** The vendor's name of the model: which fields there are follows from it. Its page is its `source` in `client.models`. */
      model: Model;
    } & z.input<M[Model]["request"]> & {
        /** Deep-merged last into the wire body, visibly; it may not override what vidtask wrote. */
        extraBody?: JsonObject | undefined;
      }
  >;
}[K];

/**
 * The schema of a request: its fields, and the rules between them. A field that it does not have is refused. The
 * docstring above a field, on lines of its own, is what the users of a built package read in their editor.
 */
export const requestSchema = <T extends z.core.$ZodShape>(fields: T, ...rules: z.core.$ZodCheck<unknown>[]) =>
  // The fields' own type: zod makes a mapped one of it, and declarations that are built from that have no docstrings.
  z.strictObject(fields).check(...rules) as unknown as z.ZodMiniObject<T, z.core.$strict>;

/** How long a generation takes: a documented range, or the quantiles a vendor publishes. */
export type Timing =
  | { duration?: number; minMs: number; maxMs: number }
  | { duration?: number; p50Ms: number; p90Ms: number };

/** The timing of a video of this length; of an unknown length, the widest range of its model. */
export function timingOf(row: { timing?: readonly Timing[] } | undefined, duration: unknown): Timing | undefined {
  const all = row?.timing ?? [];
  const exact = all.find((timing) => timing.duration === undefined || timing.duration === duration);
  const ranges = all.flatMap((timing) => ("minMs" in timing ? [timing] : []));
  if (exact || ranges.length === 0) return exact;
  const minMs = Math.min(...ranges.map((range) => range.minMs));
  return { minMs, maxMs: Math.max(...ranges.map((range) => range.maxMs)) };
}

/** How long the video of a request is to be: where the request does not say it, what its model then makes. */
export function lengthOf(models: ModelSpecs, model: string, { duration }: { readonly duration?: unknown }): unknown {
  const row = duration === undefined && Object.hasOwn(models, model) ? models[model] : undefined;
  return row ? z.safeParse(row.request.def.shape["duration"] ?? z.unknown(), undefined).data : duration;
}

/** The documented time of a generation; where it is given by quantiles, from the median to the 90 % one. */
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

/** Marks a field whose wire name the vendor does not document: every plan that uses it warns, with this reason. */
export const undocumented = <T extends z.ZodMiniType>(schema: T, why: string): T => {
  experiments.set(schema, why);
  return schema;
};

/** The fields of a request that are marked experimental, with the reason. */
export function undocumentedFields(
  row: ModelSpec,
  request: { readonly [field: string]: unknown },
): { field: string; why: string }[] {
  return Object.entries(row.request.def.shape).flatMap(([field, schema]) => {
    const why = request[field] === undefined ? undefined : experiments.get(schema);
    return why === undefined ? [] : [{ field, why }];
  });
}
