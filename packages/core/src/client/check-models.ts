// Whether the models of a description can be used.
import type { ModelSpec, ModelSpecs, Timing } from "../vendor-spec/models.ts";

/** Throws unless it holds. */
export type Must = (holds: boolean, member: string, rule: string) => void;

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws TypeError that names the model and its member */
export function checkModels(models: ModelSpecs, must: Must): void {
  must(isObject(models) && Object.keys(models).length > 0, "models", "one model at least, by its name");
  const names = new Set<string>();
  for (const [model, row] of Object.entries(models)) {
    const at = `models[${JSON.stringify(model)}]`;
    must(/^[^\s\p{C}]{1,128}$/u.test(model), at, "a name of 1 to 128 characters without blanks");
    must(!names.has(model.toLowerCase()), at, "no model that is there already, but for its case");
    names.add(model.toLowerCase());
    must(isObject(row), at, "an object of `request` and `source`");
    checkModel(row, at, must);
  }
}

function checkModel({ request, source, family, timing }: ModelSpec, at: string, must: Must): void {
  const shape: unknown = request?.def?.shape;
  must(isObject(shape), `${at}.request`, "a schema that `requestSchema` made");
  for (const field of ["model", "extraBody", "unlisted"])
    must(!Object.hasOwn(shape as object, field), `${at}.request.${field}`, "absent: core reads and writes it");
  must(isFilled(source), `${at}.source`, "the vendor's page of the model, in words");
  must(family === undefined || isFilled(family), `${at}.family`, "a name, or absent");
  must(timing === undefined || Array.isArray(timing), `${at}.timing`, "a list, or absent");
  for (const [index, times] of (timing ?? []).entries())
    must(isRange(times), `${at}.timing.${index}`, "a range in milliseconds, the smaller first");
}

const isFilled = (value: unknown): boolean => typeof value === "string" && value !== "";

function isRange(timing: Timing): boolean {
  const { duration = 1 } = timing;
  const [from, to] = "p50Ms" in timing ? [timing.p50Ms, timing.p90Ms] : [timing.minMs, timing.maxMs];
  return duration > 0 && from >= 0 && to >= from && to < Infinity;
}
