// The documented rules of a submit, in the documented order; the first violation is answered.
import type { AspectRatio, Clip } from "../../video.ts";
import type { Answer } from "../dialect-parts.ts";
import { firstWrong, isMissing, unknownFields, type Fields } from "../rules.ts";
import { DEFAULTS, invalidField, missingField } from "./assumed.ts";
import { unknownModel } from "./bodies.ts";
import { models, type Model, type Order } from "./models.ts";

export type Accepted = {
  name: string;
  model: Model;
  /** The duration of a motion-control task is found out later. */
  order: Order;
  clip: Clip;
  images: readonly string[];
  motionVideo?: string;
};

/** Fields that no page names, as paths, and one of a type that no page gives it. */
export function undocumented(body: Fields): string[] {
  const model = modelOf(body["model"]);
  const number = typeof body["duration"] === "number" ? ["duration (a number)"] : [];
  return model ? [...unknownFields(body, model.input), ...number] : [];
}

/** C: the vendor's own client sends a duration as a number, too, and its picture as the only one of `images`. */
function asDocumented(body: Fields): Fields {
  const { duration, image, images } = body;
  const only: unknown = Array.isArray(images) ? images[0] : undefined;
  return {
    ...body,
    ...(typeof duration === "number" && { duration: String(duration) }),
    ...(image === undefined && typeof only === "string" && { image: only }),
  };
}

export function validate(sent: Fields): { refused: Answer } | Accepted {
  const body = asDocumented(sent);
  const name = body["model"];
  if (isMissing(name)) return { refused: missingField("model") };
  const model = modelOf(name);
  if (typeof name !== "string" || !model) return { refused: unknownModel(String(name)) };
  const refused = validateInput(model, body);
  if (refused) return { refused };

  /** A field that the model does not have is ignored. */
  const given = (field: string, fallback: string) =>
    (Object.hasOwn(model.input, field) ? (body[field] as string | undefined) : undefined) ?? fallback;
  const sound = given("sound", DEFAULTS.sound) === "on";
  const duration = Number(given("duration", DEFAULTS.duration));
  const frames = Object.hasOwn(model.input, "image_list") ? body["image_list"] : undefined;
  const listed = Array.isArray(frames) ? (frames as { image_url: string }[]).map((frame) => frame.image_url) : [];
  const motionVideo = given("motion_video", "");
  return {
    name,
    model,
    order: {
      mode: given("mode", DEFAULTS.mode) as Order["mode"],
      duration,
      sound,
      voices: Object.hasOwn(model.input, "voice_list") && body["voice_list"] !== undefined,
    },
    clip: {
      prompt: given("prompt", ""),
      duration,
      aspectRatio: given("aspect_ratio", DEFAULTS.aspect_ratio) as AspectRatio,
      // Of motion control, whose result has the sound of its motion video at most: silent by default is assumed.
      sound: sound || given("keep_original_sound", "no") === "yes",
    },
    images: [given("image", ""), ...listed].filter(Boolean),
    ...(motionVideo && { motionVideo }),
  };
}

const modelOf = (name: unknown): Model | undefined =>
  typeof name === "string" && Object.hasOwn(models, name) ? models[name] : undefined;

function validateInput(model: Model, body: Fields): Answer | undefined {
  const wrong = firstWrong(
    model.input,
    body,
    (field) => field.required ?? false,
    (field, value) => field.check(value),
  );
  if (wrong) return wrong.rule === undefined ? missingField(wrong.name) : invalidField(wrong.name, wrong.rule);
  // P: required for text-to-video, which is what a body without an image asks for (D).
  const pictures = ["image", "image_list"].filter((field) => Object.hasOwn(model.input, field));
  return pictures.every((field) => isMissing(body[field])) && isMissing(body["prompt"])
    ? missingField("prompt")
    : undefined;
}
