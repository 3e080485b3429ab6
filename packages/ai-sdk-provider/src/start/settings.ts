// The SDK's settings as a vidtask request. What the model cannot take is refused here, before anything is paid for; of what
// changes no more than chance, a seed or a frame rate, a warning is enough.
import type {
  Experimental_VideoModelV4CallOptions as CallOptions,
  SharedV4Warning as SdkWarning,
} from "@ai-sdk/provider";
import type { Issue, VideoClient, VideoRequest } from "@vidtask/core";
import { issue, membersOf } from "@vidtask/core/router";
import { misspeltKeys, otherHeaders } from "./idempotency-key.ts";
import { mediaOf } from "./media.ts";
import { readProviderOptions, type GivenField, type StartOptions } from "./provider-options.ts";

export type Prepared = {
  readonly request: VideoRequest;
  readonly options: StartOptions;
  readonly warnings: SdkWarning[];
  /** Where a field of the request was given, in the SDK's words, for the paths of issues. */
  readonly pathOf: (field: string) => string;
  readonly issues: Issue[];
};

/** Left out with a warning where the model does not have them: the video is the one that was asked for, all the same. */
const MERE_HINTS: ReadonlySet<string> = new Set(["seed", "fps"]);

/** Where the SDK's caller gives what is missing. */
const SDK_WORDS: { readonly [field: string]: string } = {
  image: "prompt.image",
  endImage: "frameImages.last_frame",
  motionVideo: "inputReferences",
  sound: "generateAudio",
  callbackUrl: "webhookUrl",
};

/** Pure. What is wrong is in `issues`. */
export function prepare(call: CallOptions, client: VideoClient, modelId: string): Prepared {
  const issues: Issue[] = [];
  const warnings: SdkWarning[] = [];
  const takes = fieldsOf(client, modelId);
  const { fields: own, options, asked } = readProviderOptions(call.providerOptions, client, issues);
  const dropFields = Array.isArray(options.dropFields) ? options.dropFields : [];
  if (call.n !== 1)
    issues.push(
      issue("n", "1: each start makes one video; leave `maxVideosPerCall` out and the SDK starts as many", call.n),
    );
  const media = mediaOf(call, takes, issues);
  const settings = settingsOf(call, media.length > 0, issues, warnings);
  const taken = [...settings, ...media].filter(({ field, path }) => {
    if (takes(field)) return true;
    const what = `${client.vendor} ${modelId} has no \`${field}\``;
    if (MERE_HINTS.has(field) || dropFields.includes(field))
      warnings.push({ type: "unsupported", feature: path, details: `${what}: it is left out` });
    else {
      const remedy = `leave it out, or allow that with providerOptions.vidtask.dropFields: ["${field}"]`;
      issues.push({ path, rule: "absent", message: `must be absent, because ${what}: ${remedy}` });
    }
    return false;
  });
  warnings.push(...headerProblems(call.headers, issues));
  const fields = merged(taken, own, { takes, dropFields, issues, warnings });
  const pathOf = (path: string) => {
    const [first = path] = path.split(".");
    return [...fields, ...asked].find(({ field }) => field === first)?.path ?? SDK_WORDS[first] ?? path;
  };
  const request = { ...Object.fromEntries(fields.map(({ field, value }) => [field, value])), model: modelId };
  return { request, options, warnings, pathOf, issues };
}

/** No vendor is sent a header; one that was meant for the key is refused. @returns warnings of the others */
export function headerProblems(headers: CallOptions["headers"], issues: Issue[]): SdkWarning[] {
  const misspelt = misspeltKeys(headers);
  for (const name of misspelt)
    issues.push(issue(`headers.${name}`, "absent: the key of a video is the header `idempotency-key`"));
  return otherHeaders(headers)
    .filter((name) => !misspelt.includes(name))
    .map((name) => ({
      type: "unsupported",
      feature: `headers.${name}`,
      details: "no vendor is sent the SDK's headers",
    }));
}

function settingsOf(call: CallOptions, hasMedia: boolean, issues: Issue[], warnings: SdkWarning[]): GivenField[] {
  const { prompt, duration, resolution, seed, fps, generateAudio } = call;
  const settings: GivenField[] = [
    { field: "prompt", path: "prompt", value: prompt },
    { field: "duration", path: "duration", value: duration },
    { field: "aspectRatio", path: "aspectRatio", value: ratioOf(call, hasMedia, issues, warnings) },
    { field: "resolution", path: "resolution", value: resolution },
    { field: "sound", path: "generateAudio", value: generateAudio },
    { field: "seed", path: "seed", value: seed },
    { field: "fps", path: "fps", value: fps },
  ];
  return settings.filter(({ value }) => value !== undefined);
}

// No vendor has a word for it: without a ratio, a model takes the picture's where its page says so.
function ratioOf({ aspectRatio }: CallOptions, hasMedia: boolean, issues: Issue[], warnings: SdkWarning[]) {
  if (aspectRatio !== "adaptive") return aspectRatio;
  if (!hasMedia) issues.push(issue("aspectRatio", "a ratio as 16:9: `adaptive` needs an image", aspectRatio));
  const details = "no ratio is sent, so that the model takes that of the image";
  warnings.push({ type: "compatibility", feature: "aspectRatio", details });
  return undefined;
}

type Merging = {
  takes: (field: string) => boolean;
  dropFields: readonly string[];
  issues: Issue[];
  warnings: SdkWarning[];
};

function merged(settings: readonly GivenField[], own: readonly GivenField[], merging: Merging): GivenField[] {
  const { takes, dropFields, issues, warnings } = merging;
  const kept = own.filter(({ field, path }) => {
    const twice = settings.find((setting) => setting.field === field);
    if (field === "model") issues.push(issue(path, "absent: the model is the one that was chosen"));
    if (twice) issues.push(issue(path, `absent, because \`${twice.path}\` is given`));
    if (takes(field) || !dropFields.includes(field)) return field !== "model" && !twice;
    warnings.push({ type: "unsupported", feature: path, details: `this model has no \`${field}\`: it is left out` });
    return false;
  });
  return [...settings, ...kept];
}

/** What the model takes; of a router's family, what the model of one vendor takes at least. */
function fieldsOf(client: VideoClient, modelId: string): (field: string) => boolean {
  const rows = membersOf(client).flatMap(({ client: { vendor, models } }) =>
    Object.entries(models).filter(([name, { family }]) => (vendor === client.vendor ? name : family) === modelId),
  );
  const fields = new Set(rows.flatMap(([, row]) => Object.keys(row.request.def.shape)));
  return (field) => fields.has(field);
}
