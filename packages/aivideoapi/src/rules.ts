// How a request to each model of AIVideoAPI is written, and what it costs: the words that all share by a table, the rest by
// the rules of the model.
import type { CheckedOf, Json, JsonObject, Price } from "@vidtask/core/adapter";
import { models } from "./models.ts";

type Checked<M extends keyof typeof models = keyof typeof models> = CheckedOf<Pick<typeof models, M>>;
type Rules<Result> = { readonly [M in keyof typeof models]: (request: Checked<M>) => Result };

/** A credit is 0.005 US dollars on all of the vendor's pages that say it. */
export const CREDITS_PER_USD = 200;

/** A model takes only the words of its schema; those it does not take are absent. */
const NAMES = { prompt: "prompt", duration: "duration", sound: "sound", aspectRatio: "aspect_ratio" };

const urls = (...media: unknown[]) => {
  const given = media.filter((one) => one !== undefined);
  return given.length > 0 ? given.map(String) : undefined;
};

const INPUT: Rules<JsonObject> = {
  "kling-2.6": ({ image }) => ({ image_urls: urls(image) }),
  // In several shots sound would be on by default: neither is left to the vendor.
  "kling-3.0": ({ quality, image, endImage }) => ({
    mode: quality,
    image_urls: urls(image, endImage),
    multi_shots: false,
  }),
  "kling-v3-motion-control": ({ image, motionVideo, resolution, characterOrientation }) => ({
    input_urls: urls(image),
    video_urls: urls(motionVideo),
    mode: resolution,
    character_orientation: characterOrientation,
  }),
  "veo-3": ({ quality, image, endImage, resolution, aspectRatio, seed, watermark, enableTranslation }) => ({
    mode: quality,
    resolution,
    generation_type: image === undefined ? "TEXT_2_VIDEO" : "FIRST_AND_LAST_FRAMES_2_VIDEO",
    image_urls: urls(image, endImage),
    aspect_ratio: aspectRatio === "auto" ? "Auto" : aspectRatio,
    seeds: seed,
    watermark,
    enable_translation: enableTranslation,
  }),
};

type Contested = { credits: number; contested?: string; atMost?: true };

/** The longest motion video that the vendor takes: how long it is no request says. */
const MOTION_SECONDS = 30;

/** In credits, by the page that is the model's `source`: charged at the submit, refunded when the task fails. */
const CREDITS: Rules<number | Contested> = {
  "kling-2.6": ({ duration, sound }) => duration * (sound ? 44 : 22),
  "kling-3.0"({ quality, sound, duration }) {
    const [silent, heard, flat] = quality === "std" ? ([28, 40, 100] as const) : ([36, 54, 200] as const);
    return {
      credits: Math.max(duration * (sound ? heard : silent), flat),
      contested: `two pages contradict each other: the newer one has ${sound ? heard : silent} credits a second, the older (/docs/video-generation/kling-3) ${flat} a video; this is the higher`,
    };
  },
  "kling-v3-motion-control": ({ resolution }) => ({
    credits: MOTION_SECONDS * (resolution === "720p" ? 30 : 40),
    atMost: true,
  }),
  "veo-3": ({ quality, resolution }) =>
    ({ lite: 20, fast: 40, quality: 300 })[quality] + { "720p": 0, "1080p": 10, "4k": 80 }[resolution],
};

/** The `input` of a submit. */
export function toInput(request: Checked): JsonObject {
  const given = request as { readonly [word: string]: unknown };
  const words = Object.entries(NAMES).map(([word, name]) => [name, given[word] as Json | undefined] as const);
  return { ...Object.fromEntries(words), ...(INPUT[request.model] as (request: Checked) => JsonObject)(request) };
}

export function toPrice(request: Checked): Price {
  const found = (CREDITS[request.model] as (request: Checked) => number | Contested)(request);
  const price = typeof found === "number" ? { credits: found } : found;
  const source = `${models[request.model].source}, price table; 0.005 US dollars a credit`;
  return { usd: price.credits / CREDITS_PER_USD, ...price, source };
}
