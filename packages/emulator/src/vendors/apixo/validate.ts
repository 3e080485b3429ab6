// The documented rules of a submit, in the documented order; the first violation is answered.
import { isLoopback, isPublic } from "../../network/hosts.ts";
import type { AspectRatio, Clip } from "../../video.ts";
import type { Answer } from "../routes.ts";
import { firstWrong, isMissing, isObject, oneOf, PICTURE_ASPECT_RATIO, unknownFields, type Fields } from "../rules.ts";
import { invalidField } from "./assumed.ts";
import { missingField } from "./bodies.ts";
import type { Mode, Model } from "./models.ts";

export type Accepted = { clip: Clip; imageUrls: readonly string[] };

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
  const image = modeOf(model, input) === "image-to-video";
  return {
    clip: {
      prompt: input["prompt"] as string,
      duration: (input["duration"] as number | undefined) ?? model.defaults.duration,
      aspectRatio: image
        ? PICTURE_ASPECT_RATIO
        : ((input["aspect_ratio"] as AspectRatio | undefined) ?? model.defaults.aspectRatio),
      sound: Object.hasOwn(model.input, "sound") && input["sound"] === true,
    },
    imageUrls: image ? (input["image_urls"] as string[]) : [],
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
  // The first field is the mode, so an unknown one has been refused before the others ask for it.
  const mode = modeOf(model, input);
  const wrong = firstWrong(
    model.input,
    input,
    (field) => field.required?.includes(mode ?? "text-to-video") ?? false,
    (field, value) =>
      field.check(value) ?? (field.only && field.only !== mode ? `only with mode ${field.only}` : undefined),
  );
  if (!wrong) return undefined;
  const path = `input.${wrong.name}`;
  return wrong.rule === undefined ? missingField(path) : invalidField(path, wrong.rule);
}

const modeOf = (model: Model, input: Fields) => (input["mode"] ?? model.defaults.mode) as Mode | undefined;

/** Public HTTPS (/docs/api-reference/webhooks); on one machine, where the emulator is on loopback, loopback too. */
function reachable(value: unknown, host: string): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (!url) return false;
  if (isLoopback(url.hostname) && isLoopback(host)) return url.protocol === "http:" || url.protocol === "https:";
  return url.protocol === "https:" && isPublic(url.hostname);
}
