// The documented rules of a submit, in the documented order; the first violation is answered.
import { isLoopback, isPublic } from "../../network/hosts.ts";
import type { AspectRatio, Clip } from "../../video.ts";
import type { Answer } from "../dialect-parts.ts";
import { firstWrong, isMissing, isObject, oneOf, PICTURE_ASPECT_RATIO, unknownFields, type Fields } from "../rules.ts";
import { invalidField } from "./assumed.ts";
import { missingField } from "./bodies.ts";
import type { Model } from "./models.ts";

export type Accepted = {
  clip: Clip;
  /** Of pictures and videos. */
  urls: readonly string[];
  usd?: number | undefined;
};

const RATIOS: readonly unknown[] = ["16:9", "9:16", "1:1"] satisfies AspectRatio[];

const TOP = { request_type: 1, callback_url: 1, provider: 1, input: 1 };
const requestType = oneOf(["async", "callback"]);
const provider = oneOf(["auto", "value", "official"]);

/** Fields that no page names, as paths. */
export const undocumented = (model: Model, body: Fields): string[] => [
  ...unknownFields(body, TOP),
  ...unknownFields(body["input"], model.input, "input."),
];

/** @param host the host by which the caller reached the emulator. */
export function validate(model: Model, body: Fields, host: string): { refused: Answer } | Accepted {
  const refused = validateTop(body, host) ?? validateInput(model, body["input"] as Fields);
  if (refused) return { refused };

  const input = body["input"] as Fields;
  const { image_urls: pictures } = model.input;
  const fromPicture = pictures?.required?.includes(kindOf(model, input) ?? "") ?? false;
  const ratio = input["aspect_ratio"] ?? model.defaults.aspectRatio;
  return {
    clip: {
      prompt: String(input["prompt"] ?? ""),
      duration: (input["duration"] as number | undefined) ?? model.defaults.duration,
      aspectRatio: fromPicture || !RATIOS.includes(ratio) ? PICTURE_ASPECT_RATIO : (ratio as AspectRatio),
      sound: Object.hasOwn(model.input, "sound") && input["sound"] === true,
    },
    urls: fromPicture ? [input["image_urls"], input["video_urls"] ?? []].flat().map(String) : [],
    usd: model.usd?.(input),
  };
}

function validateTop(body: Fields, host: string): Answer | undefined {
  const type = body["request_type"];
  const wrongType = type === undefined ? undefined : requestType(type);
  if (wrongType) return invalidField("request_type", wrongType);

  const url = body["callback_url"];
  if (type === "callback" && isMissing(url)) return missingField("callback_url");
  if (url !== undefined && !reachable(url, host)) return invalidField("callback_url", "must be a public HTTPS URL");

  const wrongProvider = body["provider"] === undefined ? undefined : provider(body["provider"]);
  if (wrongProvider) return invalidField("provider", wrongProvider);

  if (isMissing(body["input"])) return missingField("input");
  return isObject(body["input"]) ? undefined : invalidField("input", "must be an object");
}

function validateInput(model: Model, input: Fields): Answer | undefined {
  // The first field is the kind, so an unknown one has been refused before the others ask for it.
  const kind = kindOf(model, input) ?? "text-to-video";
  const wrong = firstWrong(
    model.input,
    input,
    (field) => field.required?.includes(kind) ?? false,
    (field, value) =>
      field.check(value, kind) ??
      (field.only && !field.only.includes(kind) ? `only with ${model.kind} ${field.only.join(" or ")}` : undefined),
  );
  if (!wrong) return undefined;
  const path = `input.${wrong.name}`;
  return wrong.rule === undefined ? missingField(path) : invalidField(path, wrong.rule);
}

const kindOf = (model: Model, input: Fields) => (input[model.kind] ?? model.defaults.kind) as string | undefined;

/** Public HTTPS (/docs/api-reference/webhooks); on one machine, where the emulator is on loopback, loopback too. */
function reachable(value: unknown, host: string): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (!url) return false;
  if (isLoopback(url.hostname) && isLoopback(host)) return url.protocol === "http:" || url.protocol === "https:";
  return url.protocol === "https:" && isPublic(url.hostname);
}
