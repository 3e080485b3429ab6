// The documented rules of a submit, in the documented order; the first violation is answered.
import { isLoopback, isPublic } from "../../hosts.ts";
import type { AspectRatio, Clip } from "../../video.ts";
import { IMAGE_ASPECT_RATIO, invalidField, notJson } from "./assumed.ts";
import { missingField, type Answer } from "./bodies.ts";
import type { Mode, Model } from "./models.ts";
import { oneOf } from "./rules.ts";

type Fields = Record<string, unknown>;
export type Accepted = { clip: Clip; imageUrls: readonly string[] };

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** Not documented: `null` is read as "not given" where a field is required, and is a wrong value elsewhere. */
const isMissing = (value: unknown) => value === undefined || value === null;

const TOP = new Set(["request_type", "callback_url", "provider", "input"]);
const requestType = oneOf(["async", "callback"]);
const provider = oneOf(["auto", "value", "official"]);

/** Fields that no page names, as paths. */
export function undocumented(model: Model, body: unknown): string[] {
  if (!isObject(body)) return [];
  const top = Object.keys(body).filter((key) => !TOP.has(key));
  const input = isObject(body["input"])
    ? Object.keys(body["input"]).filter((key) => !Object.hasOwn(model.input, key))
    : [];
  return [...top, ...input.map((key) => `input.${key}`)];
}

/** @param host the host by which the caller reached the emulator. */
export function validate(model: Model, body: unknown, host: string): { refused: Answer } | Accepted {
  if (!isObject(body)) return { refused: notJson() };
  const refused = validateTop(body, host) ?? validateInput(model, body["input"]);
  if (refused) return { refused };

  const input = body["input"] as Fields;
  const image = modeOf(model, input) === "image-to-video";
  return {
    clip: {
      prompt: input["prompt"] as string,
      duration: (input["duration"] as number | undefined) ?? model.defaults.duration,
      aspectRatio: image
        ? IMAGE_ASPECT_RATIO
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

function validateInput(model: Model, value: unknown): Answer | undefined {
  const input = value as Fields;
  const mode = modeOf(model, input);
  for (const [name, field] of Object.entries(model.input)) {
    const given = input[name];
    const path = `input.${name}`;
    // The first field is the mode, so an unknown one has been refused before the others ask for it.
    if (isMissing(given) && field.required?.includes(mode ?? "text-to-video")) return missingField(path);
    if (given === undefined) continue;
    const wrong = field.check(given);
    if (wrong) return invalidField(path, wrong);
    if (field.only && field.only !== mode) return invalidField(path, `only with mode ${field.only}`);
  }
  return undefined;
}

const modeOf = (model: Model, input: Fields) => (input["mode"] ?? model.defaults.mode) as Mode | undefined;

/** Public HTTPS (/docs/api-reference/webhooks); on one machine, where the emulator is on loopback, loopback too. */
function reachable(value: unknown, host: string): boolean {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (!url) return false;
  if (isLoopback(url.hostname) && isLoopback(host)) return url.protocol === "http:" || url.protocol === "https:";
  return url.protocol === "https:" && isPublic(url.hostname);
}
