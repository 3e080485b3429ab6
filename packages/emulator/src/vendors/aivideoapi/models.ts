// What AIVideoAPI documents about its model: fields with their rules, defaults, price. D: the page of Kling 2.6.
import { oneOf, someText, text, trueOrFalse, type Check } from "../rules.ts";

/** How many are taken is not documented; every example has one. Whether an address can be reached is found out later. */
const imageUrls: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((url) => someText(url) === undefined)
    ? undefined
    : "must be an array of URLs";

export interface Field {
  check: Check;
  required?: boolean;
}

export interface Model {
  /** As messages call it. */
  title: string;
  /** In the order of the page; the first violation is the one that is reported. Others are undocumented. */
  input: Readonly<Record<string, Field>>;
  defaults: { duration: number; sound: boolean };
  /** Credits for each duration in seconds, without and with sound. */
  credits: Readonly<Record<number, readonly [silent: number, sound: number]>>;
  /** What a result says it was made by. */
  madeBy: string;
}

/** P: five pages of the vendor agree. */
export const USD_PER_CREDIT = 0.005;

export const models: Readonly<Record<string, Model>> = {
  "kling-2.6": {
    title: "Kling 2.6",
    input: {
      prompt: { check: text(1, 2500), required: true },
      image_urls: { check: imageUrls, required: true },
      duration: { check: oneOf([5, 10]) },
      sound: { check: trueOrFalse },
    },
    defaults: { duration: 5, sound: false },
    credits: { 5: [110, 220], 10: [220, 440] },
    madeBy: "kling-2.6/image-to-video",
  },
};
