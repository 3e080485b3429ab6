// A request to a model that this version does not list: all of it is in `extraBody`, in the vendor's own words, and nothing
// that the SDK was given beside it may be lost.
import type { Experimental_VideoModelV4CallOptions as CallOptions } from "@ai-sdk/provider";
import { unlistedModel, type Issue, type JsonObject, type VideoClient } from "@vidtask/core";
import { issue } from "@vidtask/core/router";
import { readProviderOptions, type StartOptions } from "./provider-options.ts";
import { headerProblems, type Prepared } from "./settings.ts";

/** The type of `providerOptions.vidtask`, or of the same under the vendor's name, for a model of `unlistedVideo`. */
export type UnlistedOptions = Omit<StartOptions, "dropFields" | "prefer"> & {
  /** The vendor's body, with its own field names and the prompt; vidtask adds the model and the callback URL. */
  extraBody: JsonObject;
};

/** Pure. What is wrong is in `issues`. */
export function prepareUnlisted(call: CallOptions, client: VideoClient, modelId: string): Prepared {
  const issues: Issue[] = [];
  const { fields, options, asked } = readProviderOptions(call.providerOptions, client, issues);
  const { prompt, n, ...settings } = call;
  if (n !== 1) issues.push(issue("n", "1: each start makes one video", n));
  const extraBody = fields.find(({ field }) => field === "extraBody")?.value;
  if (prompt !== undefined && typeof extraBody === "object" && !holds(extraBody, prompt))
    issues.push(
      issue("prompt", "also in `extraBody`, where the vendor wants it: for an unlisted model nothing else is sent"),
    );
  for (const setting of SETTINGS)
    if (!isAbsent(settings[setting]))
      issues.push(issue(setting, "absent: for an unlisted model put it into `extraBody`, under the vendor's own name"));
  if (options.dropFields !== undefined) {
    const { path = "dropFields" } = asked.find(({ field }) => field === "dropFields") ?? {};
    issues.push(issue(path, "absent: the fields of an unlisted model are not known"));
  }
  const warnings = headerProblems(call.headers, issues);
  const others = Object.fromEntries(fields.map(({ field, value }) => [field, value]));
  const request = { ...others, ...unlistedModel({ model: modelId, extraBody: extraBody as JsonObject }) };
  const pathOf = (path: string) =>
    [...fields, ...asked].find(({ field }) => field === path.split(".")[0])?.path ?? PATHS[path] ?? path;
  return { request, options, warnings, pathOf, issues };
}

const SETTINGS = [
  "image",
  "frameImages",
  "inputReferences",
  "duration",
  "aspectRatio",
  "resolution",
  "fps",
  "seed",
  "generateAudio",
] as const;

const PATHS: { readonly [field: string]: string } = { extraBody: "providerOptions.vidtask.extraBody" };

const isAbsent = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);

/** Whether the text stands somewhere in the value, whole. */
function holds(value: unknown, text: string): boolean {
  if (typeof value === "string") return value.includes(text);
  return typeof value === "object" && value !== null && Object.values(value).some((one) => holds(one, text));
}
