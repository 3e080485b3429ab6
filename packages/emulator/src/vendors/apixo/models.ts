// What APIXO documents about its models: fields with their rules, defaults, times. Pages: the models' own.
import type { AspectRatio } from "../../video.ts";
import { oneOf, someText, text, trueOrFalse, type Check, type Fields } from "../rules.ts";

/** So many of them; whether an address can be reached is found out later, by the task. */
const urls =
  (...counts: number[]): Check =>
  (value) =>
    Array.isArray(value) && counts.includes(value.length) && value.every((url) => someText(url) === undefined)
      ? undefined
      : `must be an array of ${counts.join(" or ")} URLs`;

const cfgScale: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 && Math.abs(value * 10 - Math.round(value * 10)) < 1e-9
    ? undefined
    : "must be a number from 0 to 1 in steps of 0.1";

export interface Field {
  /** @param kind of video, as the model's field of that name says. */
  check(value: unknown, kind: string): string | undefined;
  /** For these kinds the request is refused without it. */
  required?: readonly string[];
  /** For other kinds the request is refused with it. */
  only?: readonly string[];
}

export interface Model {
  /** The field that says what kind of video it is: the first of `input`. */
  kind: string;
  /** In the order of the page; the first violation is the one that is reported. Others are undocumented. */
  input: Readonly<Record<string, Field>>;
  defaults: { kind?: string; duration: number; aspectRatio: AspectRatio };
  /** Milliseconds from submit to end, for each duration in seconds. Absent: no page at hand says it. */
  timing?: Readonly<Record<number, readonly [min: number, max: number]>>;
  /** US dollars. Absent: no page at hand prints a price. */
  usd?(input: Fields): number | undefined;
}

const both = ["text-to-video", "image-to-video"];
const mode = oneOf(both);
const duration = oneOf([5, 10]);
const aspectRatio = oneOf(["16:9", "9:16", "1:1"]);

/** Newest page: aspect_ratio belongs to text-to-video. */
const ratio: Field = { check: aspectRatio, only: ["text-to-video"] };
const seconds = oneOf(Array.from({ length: 13 }, (_, index) => 3 + index));
const pictures: Field = { check: urls(1, 2), required: ["image-to-video"] };

const K21_PICTURES = ["standard-image-to-video", "pro-image-to-video", "master-image-to-video"];

const VEO = ["TEXT_2_VIDEO", "FIRST_AND_LAST_FRAMES_2_VIDEO", "REFERENCE_2_VIDEO"];
const wholeNumber: Check = (value) => (Number.isSafeInteger(value) ? undefined : "must be an integer");

export const models: Readonly<Record<string, Model>> = {
  "kling-2-6": {
    kind: "mode",
    // mode and duration have no documented default here, and sound is a required toggle on the newest page; the
    // refusal of a request without them is assumed. Every printed example has all three.
    input: {
      mode: { check: mode, required: both },
      prompt: { check: text(1, 1000), required: both },
      duration: { check: duration, required: both },
      sound: { check: trueOrFalse, required: both },
      aspect_ratio: ratio,
      // The page's general body has them in text-to-video, too; that no picture is made of them there is assumed.
      image_urls: pictures,
    },
    defaults: { duration: 5, aspectRatio: "1:1" },
    timing: { 5: [50_000, 70_000], 10: [80_000, 100_000] },
  },
  "kling-2-5-turbo-pro": {
    kind: "mode",
    input: {
      mode: { check: mode },
      prompt: { check: text(1, 2500), required: both },
      duration: { check: duration },
      aspect_ratio: ratio,
      // No page prints them in text-to-video, where they would be paid for and ignored: assumed refused.
      image_urls: { ...pictures, only: ["image-to-video"] },
      negative_prompt: { check: text(0, 2500) },
      cfg_scale: { check: cfgScale },
    },
    defaults: { kind: "text-to-video", duration: 5, aspectRatio: "16:9" },
    timing: { 5: [30_000, 45_000], 10: [45_000, 60_000] },
  },
  // P: /fr/docs/models/video/kling-3-0-std. Its row of `sound` is not visible in the stored copy: assumed optional.
  "kling-3-0-std": {
    kind: "mode",
    input: {
      mode: { check: oneOf([...both, "motion-control"]), required: [...both, "motion-control"] },
      prompt: { check: text(1, Infinity), required: both },
      duration: { check: seconds, only: both },
      sound: { check: trueOrFalse },
      aspect_ratio: ratio,
      image_urls: {
        check: (value, kind) => (kind === "motion-control" ? urls(1) : urls(1, 2))(value),
        required: ["image-to-video", "motion-control"],
        only: ["image-to-video", "motion-control"],
      },
      video_urls: { check: urls(1), required: ["motion-control"], only: ["motion-control"] },
    },
    defaults: { duration: 5, aspectRatio: "16:9" },
  },
  // P: /docs/models/video/kling-3-0-turbo. No defaults are visible in the stored copy: assumed, and optional.
  "kling-3-0-turbo": {
    kind: "mode",
    input: {
      mode: { check: mode, required: both },
      prompt: { check: text(1, Infinity), required: both },
      resolution: { check: oneOf(["720p", "1080p"]) },
      duration: { check: seconds },
      aspect_ratio: ratio,
      image_urls: { check: urls(1), required: ["image-to-video"], only: ["image-to-video"] },
    },
    defaults: { duration: 5, aspectRatio: "16:9" },
  },
  // P: /docs/models/video/kling-2-1, which is stored in four ages; the older ones have negative_prompt and cfg_scale, the
  // newest not. Whether prompt is required is not printed: assumed.
  "kling-2-1": {
    kind: "mode",
    input: {
      mode: { check: oneOf([...K21_PICTURES, "master-text-to-video"]) },
      prompt: { check: text(1, 5000), required: [...K21_PICTURES, "master-text-to-video"] },
      duration: { check: duration },
      image_urls: {
        check: (value, kind) => (kind === "pro-image-to-video" ? urls(1, 2) : urls(1))(value),
        required: K21_PICTURES,
        only: K21_PICTURES,
      },
      // The older pages' own body has it beside a picture; the newest table only without: it is taken, as they are printed.
      aspect_ratio: { check: aspectRatio },
      negative_prompt: { check: text(0, 500) },
      cfg_scale: { check: cfgScale },
    },
    defaults: { kind: "standard-image-to-video", duration: 5, aspectRatio: "16:9" },
  },
  // P: /docs/models/video/veo-3-1, in four ages. Older pages have enableTranslation, and the price.
  "veo-3-1": {
    kind: "generationType",
    input: {
      generationType: { check: oneOf(VEO), required: VEO },
      mode: {
        check: (value, kind) =>
          kind === "REFERENCE_2_VIDEO" && value !== "fast" ? "must be fast" : oneOf(["quality", "fast"])(value),
        required: VEO,
      },
      prompt: { check: text(1, 10_000), required: VEO },
      image_urls: {
        check: (value, kind) => (kind === "REFERENCE_2_VIDEO" ? urls(1, 2, 3) : urls(1, 2))(value),
        required: VEO.slice(1),
      },
      aspect_ratio: {
        check: (value, kind) => oneOf(kind === "REFERENCE_2_VIDEO" ? ["16:9"] : ["16:9", "9:16", "auto"])(value),
      },
      seed: { check: wholeNumber },
      watermark: { check: text(0, Infinity) },
      enableTranslation: { check: trueOrFalse },
    },
    // assumed: 8 seconds, as no page has a duration.
    defaults: { kind: "TEXT_2_VIDEO", duration: 8, aspectRatio: "16:9" },
    usd: ({ mode: quality }) => (quality === "fast" ? 0.2 : 1.5),
  },
};
