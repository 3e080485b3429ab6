// The documented rules of a submit, in the documented order; the first violation is answered.
import type { Clip } from "../../video.ts";
import type { Answer } from "../routes.ts";
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

export type Accepted = { name: string; model: Model; clip: Clip; imageUrls: readonly string[] };

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
  return {
    name,
    model,
    clip: {
      prompt: input["prompt"] as string,
      duration: (input["duration"] as number | undefined) ?? model.defaults.duration,
      aspectRatio: PICTURE_ASPECT_RATIO,
      sound: (input["sound"] as boolean | undefined) ?? model.defaults.sound,
    },
    imageUrls: input["image_urls"] as string[],
  };
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
  if (!wrong) return undefined;
  const path = `input.${wrong.name}`;
  return wrong.rule === undefined ? missingField(path) : invalidField(path, wrong.rule, model.title);
}
