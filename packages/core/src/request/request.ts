// What a caller asks for, and whether its model takes it.
import * as z from "zod/mini";
import { didYouMean } from "../task/check-options.ts";
import { issue, requiredIssue, type Issue } from "../task/issue.ts";
import type { JsonObject } from "../task/task.ts";
import type { Media } from "../vendor-spec/media.ts";
import type { ModelSpec, ModelSpecs } from "../vendor-spec/models.ts";

/**
 * The wide request: any model, checked at run time. Which fields a model takes, its limits and its defaults are in the
 * README of its vendor's package.
 */
export type VideoRequest = {
  model: string;
  prompt?: string | undefined;
  /** What the video should not show. */
  negativePrompt?: string | undefined;
  /** The first frame, which makes it image-to-video; for motion control, the character. */
  image?: Media | undefined;
  /** The last frame. */
  endImage?: Media | undefined;
  /** For motion control: the video whose motion the character copies. */
  motionVideo?: Media | undefined;
  /** Length of the video in seconds. @default 5, if the model has this field */
  duration?: number | undefined;
  /** Width to height, such as `"16:9"`. */
  aspectRatio?: string | undefined;
  /** Whether the video has sound. @default false, if the model has this field */
  sound?: boolean | undefined;
  /** `"std"` or `"pro"`; for Veo `"fast"` or `"quality"`. @default the cheaper of the two, if the model has this field */
  quality?: string | undefined;
  /** The height of the picture, such as `"720p"`. @default "720p", if the model has this field */
  resolution?: string | undefined;
  /** The vendor's ids of voices. */
  voices?: readonly string[] | undefined;
  /** 0 to 1: how closely the video follows the prompt. */
  cfgScale?: number | undefined;
  /** A whole number: the same number with the same request makes a similar video. */
  seed?: number | undefined;
  /** Fields that are deep-merged into the request body last. They may not override a field that vidtask wrote. */
  extraBody?: JsonObject | undefined;
  /** The model is deliberately one that this version does not list: see `unlistedModel`. */
  unlisted?: true | undefined;
  [vendorWord: string]: unknown;
};

/** What `checkRequest` found: the request with its defaults, or everything that is wrong with it. */
export type Checked = { ok: true; request: VideoRequest; row: ModelSpec } | { ok: false; issues: Issue[] };

/** Checks a canonical request against its model's schema. `mayBeUnlisted`: an id that is not listed could be asked for on purpose. */
export function checkRequest(models: ModelSpecs, request: unknown, mayBeUnlisted = false): Checked {
  if (typeof request !== "object" || request === null || Array.isArray(request))
    return { ok: false, issues: [issue("request", "an object with `model` and the model's fields", request)] };
  const { model, extraBody, ...rest } = request as VideoRequest;
  const row = typeof model === "string" && Object.hasOwn(models, model) ? models[model] : undefined;
  if (!row) return { ok: false, issues: [modelIssue(models, model, mayBeUnlisted)] };
  const parsed = z.safeParse(row.request, rest, { reportInput: true });
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((found) => explain(found, model, row));
  if (extraBody !== undefined && !isJsonObject(extraBody)) issues.push(issue("extraBody", "a plain JSON object"));
  if (!parsed.success || issues.length > 0) return { ok: false, issues };
  return { ok: true, row, request: { model, ...parsed.data, ...(extraBody ? added(extraBody) : {}) } };
}

function modelIssue(models: ModelSpecs, model: unknown, mayBeUnlisted: boolean): Issue {
  const known = Object.keys(models);
  const rule = `one of ${known.join(", ")}`;
  if (model === undefined) return requiredIssue("model", rule);
  const found = issue("model", rule, model);
  if (typeof model !== "string") return found;
  const way = mayBeUnlisted ? " (`unlistedModel` asks for one that this version does not list)" : "";
  return { ...found, message: `${found.message}${didYouMean(model, known)}${way}` };
}

// zod/mini carries no texts (they weigh more than the rest of it), so the rules are put into words here.
function explain(found: z.core.$ZodIssue, model: string, row: ModelSpec): Issue[] {
  const path = found.path.join(".") || "request";
  if (found.input === undefined)
    return ruleIssues(found, path, model, row).map(({ rule }) => requiredIssue(path, rule));
  return ruleIssues(found, path, model, row);
}

function ruleIssues(found: z.core.$ZodIssue, path: string, model: string, row: ModelSpec): Issue[] {
  switch (found.code) {
    case "unrecognized_keys": {
      const known = Object.keys(row.request.def.shape);
      const all = known.join(", ");
      return found.keys.map((key) => ({
        path: key,
        rule: `absent: ${model} takes ${all}`,
        message: `is not a field of ${model}, which takes ${all}${didYouMean(key, known)}`,
      }));
    }
    case "too_big":
      return [issue(path, `at most ${found.maximum}${found.origin === "string" ? " characters" : ""}`)];
    case "too_small":
      return [issue(path, `at least ${found.minimum}${found.origin === "string" ? " character" : ""}`)];
    case "not_multiple_of":
      return [issue(path, `a multiple of ${found.divisor}`)];
    case "invalid_value":
      return [issue(path, `one of ${found.values.map((value) => JSON.stringify(value)).join(", ")}`, found.input)];
    case "invalid_type":
      return [issue(path, `${/^[aeiou]/.test(found.expected) ? "an" : "a"} ${found.expected}`)];
    case "custom":
      return [issue(path, found.message)];
    default:
      return [issue(path, found.message)];
  }
}

/** What is added to the body, without members that are `undefined`; what adds nothing is absent. */
function added(json: JsonObject): { extraBody?: JsonObject } {
  const extraBody = JSON.parse(JSON.stringify(json)) as JsonObject;
  return Object.keys(extraBody).length > 0 ? { extraBody } : {};
}

/** Plain JSON, at most 64 levels deep (which also ends a cycle). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && isJson(value, 64);
}

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean" || value === undefined) return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => item !== undefined && isJson(item, depth - 1));
  const proto: unknown = Object.getPrototypeOf(value);
  return (
    (proto === Object.prototype || proto === null) && Object.values(value).every((item) => isJson(item, depth - 1))
  );
}
