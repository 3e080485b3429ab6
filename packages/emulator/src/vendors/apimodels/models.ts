// What APIModels documents about its models: fields with their rules, prices. D: the page of Kling Video.
import { isObject, oneOf, someText, text, webAddress, type Check } from "../rules.ts";

/** U: `[{ voice_id }]`, at most two. */
const voiceList: Check = (value) =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= 2 &&
  value.every((voice) => isObject(voice) && someText(voice["voice_id"]) === undefined)
    ? undefined
    : "must be an array of 1 or 2 objects with a voice_id";

export interface Field {
  check: Check;
  required?: boolean;
  /** The vendor prints no such name. T: two independent clients of other people; U: Kling's API, which is resold. */
  mark?: "T/U" | "U";
}

/** What a price depends on; seconds. */
export interface Order {
  mode: "std" | "pro";
  duration: number;
  sound: boolean;
  voices: boolean;
}

export interface Model {
  /** In the order of the page; the first violation is the one that is reported. Others are undocumented. */
  input: Readonly<Record<string, Field>>;
  /** US dollars; nothing for what the vendor has no price for, and so does not sell. */
  price(order: Order): number | undefined;
}

/** Features that the page promises and prices, by names that it does not print. Known, so not "undocumented". */
const unprinted = {
  sound: { check: oneOf(["on", "off"]), mark: "T/U" },
  voice_list: { check: voiceList, mark: "U" },
  negative_prompt: { check: text(0, 2500), mark: "T/U" },
  /** Of motion control: 720p or 1080p. */
  mode: { check: oneOf(["std", "pro"]), mark: "U" },
  character_orientation: { check: oneOf(["image", "video"]), mark: "U" },
  keep_original_sound: { check: oneOf(["yes", "no"]), mark: "U" },
} as const satisfies Record<string, Field>;

/** In every body. */
const common = { model: { check: someText }, callback_url: { check: webAddress } } as const;
const prompt = { check: text(1, 2500) };
/** URL or base64. */
const image = { check: someText };

const generated = (durations: readonly string[]) =>
  ({
    ...common,
    prompt,
    image,
    mode: { check: oneOf(["std", "pro"]) },
    duration: { check: oneOf(durations) },
    // D has only "16:9", in an example; the list is upstream's (U), and what the emulator can show.
    aspect_ratio: { check: oneOf(["16:9", "9:16", "1:1"]) },
    sound: unprinted.sound,
    negative_prompt: unprinted.negative_prompt,
  }) as const;

const listOf = (key: string, words: Readonly<Record<string, readonly string[]>> = {}): Field => ({
  check: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (one) =>
        isObject(one) &&
        someText(one[key]) === undefined &&
        Object.entries(words).every(
          ([name, allowed]) => one[name] === undefined || allowed.includes(String(one[name])),
        ),
    )
      ? undefined
      : `must be an array of objects with ${[key, ...Object.keys(words)].join(" and ")}`,
});

/** P: /en/docs/kling-omni-video. The ratios, and the name of sound, are those of kling-v3. */
function omni(most: number): Model["input"] {
  const seconds = Array.from({ length: most - 2 }, (_, index) => String(3 + index));
  const { image: _image, negative_prompt: _negative, ...shared } = generated(seconds);
  return {
    ...shared,
    image_list: listOf("image_url", { type: ["first_frame", "end_frame"] }),
    video_list: listOf("video_url", { refer_type: ["feature", "base"], keep_original_sound: ["yes", "no"] }),
    element_list: listOf("element_id"),
  };
}

const micros = (usd: number | undefined) => (usd === undefined ? undefined : Math.round(usd * 1e6) / 1e6);
const keyOf = (...words: (string | number | false)[]) => words.filter(Boolean).join(" ");

const V2_6: Readonly<Record<string, number>> = {
  "std 5": 0.0159,
  "std 10": 0.032,
  "pro 5": 0.0267,
  "pro 10": 0.0531,
  "pro 5 sound": 0.0531,
  "pro 10 sound": 0.1064,
  "pro 5 sound voices": 0.0639,
  "pro 10 sound voices": 0.1275,
};
/** Per second, from the table, of the omni models too; the page's list of models says "from $0.0064/s", and nothing explains it. */
const V3: Readonly<Record<string, number>> = { std: 0.0633, "std sound": 0.0956, pro: 0.0853, "pro sound": 0.128 };
/** Per second, of Kling 2.6. assumed: that it is this one, as no field that would choose 3.0 (.12 and .15) is known. */
const MOTION: Readonly<Record<string, number>> = { std: 0.06, pro: 0.1 };

const perSecond = (usd: number | undefined, seconds: number) => micros(usd === undefined ? undefined : usd * seconds);

export const models: Readonly<Record<string, Model>> = {
  "kling-v2-6": {
    input: { ...generated(["5", "10"]), voice_list: unprinted.voice_list },
    price: ({ mode, duration, sound, voices }) => V2_6[keyOf(mode, duration, sound && "sound", voices && "voices")],
  },
  "kling-v3": {
    input: generated(Array.from({ length: 13 }, (_, index) => String(3 + index))),
    price: ({ mode, duration, sound }) => perSecond(V3[keyOf(mode, sound && "sound")], duration),
  },
  "kling-motion-control": {
    input: {
      ...common,
      prompt,
      image: { ...image, required: true },
      motion_video: { check: someText, required: true },
      mode: unprinted.mode,
      character_orientation: unprinted.character_orientation,
      keep_original_sound: unprinted.keep_original_sound,
    },
    price: ({ mode, duration }) => perSecond(MOTION[mode], duration),
  },
  "kling-v3-omni": {
    input: omni(15),
    price: ({ mode, duration, sound }) => perSecond(V3[keyOf(mode, sound && "sound")], duration),
  },
  "kling-video-o1": {
    input: omni(10),
    price: ({ mode, duration, sound }) => perSecond(V3[keyOf(mode, sound && "sound")], duration),
  },
};

/** D: a motion video has at most so many seconds. */
export const MOST_MOTION_SECONDS = 30;
