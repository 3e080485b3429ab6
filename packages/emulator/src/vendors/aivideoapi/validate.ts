// The documented rules of a submit, in the documented order; the first violation is answered.
import type { AspectRatio, Clip } from "../../video.ts";
import type { Answer } from "../dialect-parts.ts";
import {
  firstWrong,
  isMissing,
  isObject,
  PICTURE_ASPECT_RATIO,
  unknownFields,
  webAddress,
  type Fields,
} from "../rules.ts";
import { invalidTop, unknownModel } from "./assumed.ts";
import { invalidField, missingField } from "./bodies.ts";
import { models, type Model } from "./models.ts";

export type Accepted = {
  name: string;
  model: Model;
  clip: Clip;
  /** Of pictures and videos. */
  urls: readonly string[];
  credits: number | undefined;
};

const MEDIA = ["image_urls", "input_urls", "video_urls"];
const RATIOS: readonly unknown[] = ["16:9", "9:16", "1:1"] satisfies AspectRatio[];

const TOP = { model: 1, input: 1, callback_url: 1 };

/** Fields that no page names, as paths. */
export function undocumented(body: Fields): string[] {
  const model = modelOf(body["model"]);
  return [...unknownFields(body, TOP), ...(model ? unknownFields(body["input"], model.input, "input.") : [])];
}

export function validate(body: Fields): { refused: Answer } | Accepted {
  const name = body["model"];
  if (isMissing(name)) return { refused: missingField("model") };
  if (typeof name !== "string") return { refused: invalidTop("model", "must be a string") };
  const model = modelOf(name);
  if (!model) return { refused: unknownModel(name) };
  const refused = validateTop(body) ?? validateInput(model, body["input"] as Fields);
  if (refused) return { refused };

  const input = body["input"] as Fields;
  const urls = MEDIA.flatMap((field) => (input[field] as string[] | undefined) ?? []);
  const ratio = input["aspect_ratio"];
  const clip = {
    prompt: String(input["prompt"] ?? ""),
    duration: (input["duration"] as number | undefined) ?? model.defaults.duration,
    aspectRatio: urls.length > 0 || !RATIOS.includes(ratio) ? PICTURE_ASPECT_RATIO : (ratio as AspectRatio),
    sound: (input["sound"] as boolean | undefined) ?? model.defaults.sound,
  };
  return { name, model, clip, urls, credits: model.credits(input, clip) };
}

const modelOf = (name: unknown): Model | undefined =>
  typeof name === "string" && Object.hasOwn(models, name) ? models[name] : undefined;

function validateTop(body: Fields): Answer | undefined {
  if (isMissing(body["input"])) return missingField("input");
  if (!isObject(body["input"])) return invalidTop("input", "must be an object");
  const wrong = body["callback_url"] === undefined ? undefined : webAddress(body["callback_url"]);
  return wrong ? invalidTop("callback_url", wrong) : undefined;
}

function validateInput(model: Model, input: Fields): Answer | undefined {
  const wrong = firstWrong(
    model.input,
    input,
    (field) => field.required ?? false,
    (field, value) => field.check(value),
  );
  const found = wrong ?? model.between?.(input);
  if (!found) return undefined;
  const path = `input.${found.name}`;
  return found.rule === undefined ? missingField(path) : invalidField(path, found.rule, model.title);
}
