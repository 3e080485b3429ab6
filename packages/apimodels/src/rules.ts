// How a request to each model of APIModels is written, and what it costs.
import type { CheckedOf, JsonObject, Price } from "@vidtask/core/adapter";
import { models } from "./models.ts";

type Checked<M extends keyof typeof models = keyof typeof models> = CheckedOf<Pick<typeof models, M>>;
type Rules<Result> = { readonly [M in keyof typeof models]: (request: Checked<M>) => Result };

const url = (media: unknown) => (media === undefined ? undefined : String(media));
const onOff = (sound: boolean) => (sound ? "on" : "off");

const kling = (request: Checked<"kling-v2-6" | "kling-v3">): JsonObject => ({
  image: url(request.image),
  mode: request.quality,
  duration: String(request.duration),
  aspect_ratio: request.aspectRatio,
  negative_prompt: request.negativePrompt,
});

const frame = (media: unknown, type: string) => (media === undefined ? [] : [{ image_url: String(media), type }]);

const omni = (request: Checked<"kling-v3-omni" | "kling-video-o1">): JsonObject => {
  const frames = [...frame(request.image, "first_frame"), ...frame(request.endImage, "end_frame")];
  return {
    image_list: frames.length > 0 ? frames : undefined,
    mode: request.quality,
    duration: String(request.duration),
    aspect_ratio: request.aspectRatio,
  };
};

/** What a submit says beside model, prompt and callback URL. */
const FIELDS: Rules<JsonObject> = {
  "kling-v2-6": (request) => ({
    ...kling(request),
    // The price depends on it, so it is always said, but where the model has no audio at all.
    sound: request.quality === "pro" ? onOff(request.sound) : undefined,
    voice_list: request.voices?.map((id) => ({ voice_id: id })),
  }),
  "kling-v3": (request) => ({ ...kling(request), sound: onOff(request.sound) }),
  "kling-motion-control": ({ image, motionVideo }) => ({ image: url(image), motion_video: url(motionVideo) }),
  "kling-v3-omni": (request) => ({
    ...omni(request),
    sound: request.sound === undefined ? undefined : onOff(request.sound),
  }),
  "kling-video-o1": omni,
};

const V2_6: { readonly [variant: string]: { readonly [seconds: number]: number } } = {
  std: { 5: 0.0159, 10: 0.032 },
  pro: { 5: 0.0267, 10: 0.0531 },
  "pro sound": { 5: 0.0531, 10: 0.1064 },
  "pro voices": { 5: 0.0639, 10: 0.1275 },
};
const CONTESTED =
  "the page contradicts itself: its price table has 0.0633 to 0.1280 US dollars per second, its list of models says from 0.0064; this is the table's";

type Second = { duration: number; quality: "std" | "pro"; sound?: boolean | undefined };
/** A second is the same at all of Kling 3 and O1. */
const bySecond = ({ duration, quality, sound }: Second) => {
  const [silent, heard] = { std: [0.0633, 0.0956], pro: [0.0853, 0.128] }[quality] as [number, number];
  return { usd: Math.round((sound ? heard : silent) * duration * 1e4) / 1e4, contested: CONTESTED };
};

/** In US dollars, by the tables of the page that is the model's `source`; nothing where that depends on what no request says. */
const PRICES: Rules<Omit<Price, "source"> | undefined> = {
  "kling-v2-6"({ quality, sound, voices, duration }) {
    const usd = V2_6[`${quality}${sound ? (voices ? " voices" : " sound") : ""}`]?.[duration];
    return usd === undefined ? undefined : { usd };
  },
  "kling-v3": bySecond,
  "kling-motion-control": () => undefined,
  "kling-v3-omni": bySecond,
  "kling-video-o1": bySecond,
};

export const toFields = (request: Checked): JsonObject =>
  (FIELDS[request.model] as (request: Checked) => JsonObject)(request);

export function toPrice(request: Checked): Price | undefined {
  const price = (PRICES[request.model] as (request: Checked) => Omit<Price, "source"> | undefined)(request);
  return price && { ...price, source: `${models[request.model].source}, price tables` };
}
