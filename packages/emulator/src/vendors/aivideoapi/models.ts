// What AIVideoAPI documents about its models: fields with their rules, defaults, price. D: the page of Kling 2.6.
import {
  isAccessible,
  isMissing,
  isObject,
  oneOf,
  someText,
  text,
  trueOrFalse,
  type Check,
  type Fields,
} from "../rules.ts";

/** From 1 to so many; whether an address can be reached is found out later. */
const urls =
  (most: number): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= most &&
    value.every((url) => someText(url) === undefined)
      ? undefined
      : "must be an array of URLs";

const listOf =
  (most: number): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= most && value.every(isObject)
      ? undefined
      : `must be an array of 1 to ${most} objects`;

export interface Field {
  check: Check;
  required?: boolean;
}

export interface Model {
  /** As messages call it. */
  title: string;
  /** In the order of the page; the first violation is the one that is reported. Others are undocumented. */
  input: Readonly<Record<string, Field>>;
  /** A rule between fields: the one that is missing (no `rule`) or wrong. */
  between?(input: Fields): { name: string; rule?: string } | undefined;
  /** Seconds and sound of a result; the rest is what the price depends on. */
  defaults: { duration: number; sound: boolean };
  /** Credits of a checked request. */
  credits(input: Fields, clip: { duration: number; sound: boolean }): number | undefined;
  /** What a result says it was made by. */
  madeBy: string;
}

/** P: five pages of the vendor agree. */
export const USD_PER_CREDIT = 0.005;

const KLING_2_6: Readonly<Record<number, readonly [silent: number, sound: number]>> = { 5: [110, 220], 10: [220, 440] };

/** Credits in 720p, 1080p and 4k. */
const VEO: Readonly<Record<string, readonly number[]>> = {
  lite: [20, 30, 100],
  fast: [40, 50, 120],
  quality: [300, 310, 380],
};
const seeds: Check = (value) =>
  Number.isInteger(value) && Number(value) >= 10_000 && Number(value) <= 99_999
    ? undefined
    : "must be an integer from 10000 to 99999";

export const models: Readonly<Record<string, Model>> = {
  "kling-2.6": {
    title: "Kling 2.6",
    input: {
      prompt: { check: text(1, 2500), required: true },
      // How many are taken is not documented; every example has one.
      image_urls: { check: urls(Infinity), required: true },
      duration: { check: oneOf([5, 10]) },
      sound: { check: trueOrFalse },
    },
    defaults: { duration: 5, sound: false },
    credits: (_input, { duration, sound }) => KLING_2_6[duration]?.[sound ? 1 : 0],
    madeBy: "kling-2.6/image-to-video",
  },
  // P: /zh/docs/video-generation/kling-3 and its mirror; the older page has only prompt and mode.
  "kling-3.0": {
    title: "Kling 3.0",
    input: {
      prompt: { check: text(1, 2500) },
      image_urls: { check: urls(2) },
      mode: { check: oneOf(["std", "pro"]) },
      aspect_ratio: { check: oneOf(["16:9", "9:16", "1:1"]) },
      duration: { check: oneOf(Array.from({ length: 13 }, (_, index) => 3 + index)) },
      sound: { check: trueOrFalse },
      multi_shots: { check: trueOrFalse },
      multi_prompt: { check: listOf(5) },
      kling_elements: { check: listOf(3) },
    },
    between(input) {
      if (input["multi_shots"] === true && isMissing(input["multi_prompt"])) return { name: "multi_prompt" };
      const needed = ["prompt", "image_urls", "multi_prompt"];
      return needed.every((name) => isMissing(input[name])) ? { name: "prompt" } : undefined;
    },
    defaults: { duration: 5, sound: false },
    // Of the two contradicting prices, that of the newer page.
    credits({ mode }, { duration, sound }) {
      const [silent, heard] = mode === "pro" ? [36, 54] : [28, 40];
      return duration * (sound ? heard : silent);
    },
    madeBy: "kling-3.0", // assumed, as of every model but kling-2.6
  },
  // P: /docs/video-generation/kling-v3-motion-control. How many URLs each list takes is not visible: one is assumed.
  "kling-v3-motion-control": {
    title: "Kling 3.0 Motion Control",
    input: {
      input_urls: { check: urls(1), required: true },
      video_urls: { check: urls(1), required: true },
      character_orientation: { check: oneOf(["image", "video"]) },
      mode: { check: oneOf(["720p", "1080p"]) },
      prompt: { check: text(1, 2500) },
      duration: { check: () => "is not supported" },
    },
    // "A probe that fails (URL unreachable, format unsupported) is HTTP 400, and nothing is charged."
    between: ({ video_urls: videos }) =>
      (videos as string[]).every(isAccessible) ? undefined : { name: "video_urls", rule: "cannot be read" },
    // assumed: the length of a video that is nowhere, 5 seconds, and no sound.
    defaults: { duration: 5, sound: false },
    credits: ({ mode }, { duration }) => duration * (mode === "1080p" ? 40 : 30),
    madeBy: "kling-v3-motion-control",
  },
  // P: /zh/docs/video-generation/veo-3, titled Veo 3.1; the older page has neither resolution nor lite.
  "veo-3": {
    title: "Veo 3.1",
    input: {
      prompt: { check: text(1, Infinity), required: true },
      mode: { check: oneOf(["lite", "fast", "quality"]) },
      resolution: { check: oneOf(["720p", "1080p", "4k"]) },
      aspect_ratio: { check: oneOf(["16:9", "9:16", "Auto"]) },
      generation_type: { check: oneOf(["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"]) },
      image_urls: { check: urls(3) },
      enable_translation: { check: trueOrFalse },
      seeds: { check: seeds },
      watermark: { check: text(0, Infinity) },
    },
    between({ mode, generation_type: type, image_urls: pictures }) {
      const count = Array.isArray(pictures) ? pictures.length : 0;
      if (type === "TEXT_2_VIDEO") return count > 0 ? { name: "image_urls", rule: "must be absent" } : undefined;
      if (type !== undefined && count === 0) return { name: "image_urls" };
      if (type === "FIRST_AND_LAST_FRAMES_2_VIDEO" && count > 2) return { name: "image_urls", rule: "must be 1 or 2" };
      const slow = mode !== undefined && mode !== "fast";
      return type === "REFERENCE_2_VIDEO" && slow ? { name: "mode", rule: "must be fast" } : undefined;
    },
    // assumed: 8 seconds, as no page has a duration. Music is part of the output.
    defaults: { duration: 8, sound: true },
    credits({ mode = "fast", resolution = "720p" }) {
      const [low, middle, high] = VEO[String(mode)] ?? [];
      return resolution === "4k" ? high : resolution === "1080p" ? middle : low;
    },
    madeBy: "veo-3",
  },
};
