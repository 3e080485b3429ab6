// How a request to each model of APIXO is written, and what it costs where a page says so: the words that all share by a table, the rest by a rule of the model.
import type { CheckedOf, Json, JsonObject, Price } from "@vidtask/core/adapter";
import type { models } from "./models.ts";

type Checked<M extends keyof typeof models = keyof typeof models> = CheckedOf<Pick<typeof models, M>>;
type Rules<Result> = { readonly [M in keyof typeof models]: (request: Checked<M>) => Result };

/** A model takes only the words of its schema; those it does not take are absent. */
const NAMES = {
  prompt: "prompt",
  duration: "duration",
  sound: "sound",
  resolution: "resolution",
  seed: "seed",
  watermark: "watermark",
  negativePrompt: "negative_prompt",
  cfgScale: "cfg_scale",
  aspectRatio: "aspect_ratio",
};

const urls = (...media: unknown[]) => {
  const given = media.filter((one) => one !== undefined);
  return given.length > 0 ? given.map(String) : undefined;
};

const frames = (request: { image?: unknown; endImage?: unknown }) => ({
  mode: request.image === undefined ? "text-to-video" : "image-to-video",
  image_urls: urls(request.image, request.endImage),
});

const motionOrFrames = (request: Checked<"kling-3-0-std">): JsonObject =>
  request.motionVideo === undefined
    ? { ...frames(request), duration: request.duration ?? 5 }
    : { mode: "motion-control", image_urls: urls(request.image), video_urls: urls(request.motionVideo) };

const INPUT: Rules<JsonObject> = {
  "kling-2-6": frames,
  "kling-2-5-turbo-pro": frames,
  "kling-3-0-std": motionOrFrames,
  "kling-3-0-turbo": frames,
  "kling-2-1": ({ quality, image, endImage, aspectRatio }) => ({
    mode: `${quality === "std" ? "standard" : quality}-${image === undefined ? "text" : "image"}-to-video`,
    image_urls: urls(image, endImage),
    aspect_ratio: image === undefined ? (aspectRatio ?? "16:9") : undefined,
  }),
  "veo-3-1": ({ quality, image, endImage }) => ({
    mode: quality,
    generationType: image === undefined ? "TEXT_2_VIDEO" : "FIRST_AND_LAST_FRAMES_2_VIDEO",
    image_urls: urls(image, endImage),
  }),
};

/** The `input` of a submit. */
export function toInput(request: Checked): JsonObject {
  const given = request as { readonly [word: string]: unknown };
  const words = Object.entries(NAMES).map(([word, name]) => [name, given[word] as Json | undefined] as const);
  return { ...Object.fromEntries(words), ...(INPUT[request.model] as (request: Checked) => JsonObject)(request) };
}

const USD: { readonly [M in keyof typeof models]?: (request: Checked<M>) => number } = {
  "veo-3-1": ({ quality }) => (quality === "fast" ? 0.2 : 1.5),
};

/** Of the models whose price a page prints: of no Kling model. */
export function toPrice(request: Checked): Price | undefined {
  const usd = (USD[request.model] as ((request: Checked) => number) | undefined)?.(request);
  if (usd === undefined) return undefined;
  const contested = "only older pages print this price: the newest has none";
  return { usd, source: "APIXO, older pages /docs/models/video/veo-3-1 and /en/docs/models/veo-3-1", contested };
}
