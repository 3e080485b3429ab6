// The three Kling models of APIModels as data. Limits without a page behind them are not here.
import { experimental, media, rule, type ModelTable } from "@vidtask/core/adapter";
import * as z from "zod/mini";

/** The page of all three models, with their prices; the copy this was written from does not hold its address. */
const PAGE = "APIModels, Kling video page";

const prompt = z.string().check(z.minLength(1), z.maxLength(2500));
const quality = z._default(z.literal(["std", "pro"]), "std");
/** The page prints "16:9" and no list; the list is Kling's own. */
const aspectRatio = z.optional(z.literal(["1:1", "16:9", "9:16"]));
// One week's p50 and p90 by the vendor's own client: no page gives a time.
const timing = [{ p50Ms: 142_000, p90Ms: 486_000 }];

const unnamed = (feature: string, name: string) =>
  `APIModels ${feature} without naming the field: \`${name}\` is Kling's own name for it`;
const sound = experimental(z._default(z.boolean(), false), unnamed("documents and prices audio", "sound"));
// Not `maxLength`: of a list zod reports it alone, whatever else is wrong.
const atMostTwo = z.refine<string[]>((list) => list.length <= 2, { error: "at most 2 voices" });
const voices = experimental(
  z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1), atMostTwo)),
  unnamed("documents and prices voices", "voice_list"),
);
const negativePrompt = experimental(
  z.optional(z.string()),
  "APIModels does not document negative prompts: `negative_prompt` is Kling's own name",
);

const promptOrImage = rule("prompt", "given, unless `image` makes it image-to-video", (r) => {
  return r["prompt"] !== undefined || r["image"] !== undefined;
});
const soundNeedsPro = rule("sound", "false, unless `quality` is pro: std has no audio", (r) => {
  return r["sound"] !== true || r["quality"] === "pro";
});
const voicesNeedSound = rule("voices", "given together with `sound: true`", (r) => {
  return r["voices"] === undefined || r["sound"] === true;
});
const voicesAreNamed = rule(
  "prompt",
  "a text that names every voice, as <<<voice_1>>>: a voice that is not named is paid for and not heard",
  ({ voices, prompt }) => {
    const count = Array.isArray(voices) ? voices.length : 0;
    return Array.from({ length: count }).every((_, index) => String(prompt).includes(`<<<voice_${index + 1}>>>`));
  },
);

export const models = {
  "kling-v2-6": {
    family: "kling-2.6",
    source: PAGE,
    timing,
    request: z
      .strictObject({
        prompt: z.optional(prompt),
        image: z.optional(media()),
        // No default is documented and the price depends on all three: they are always written.
        duration: z._default(z.literal([5, 10]), 5),
        quality,
        /** @experimental Audio, with `quality: "pro"`. The vendor does not document the field's name. */
        sound,
        /** @experimental At most 2 voice ids, named in the prompt as `<<<voice_1>>>`; the same holds for the name. */
        voices,
        aspectRatio,
        /** @experimental Not documented by the vendor. */
        negativePrompt,
      })
      .check(promptOrImage, soundNeedsPro, voicesNeedSound, voicesAreNamed),
  },
  "kling-v3": {
    family: "kling-3",
    source: PAGE,
    timing,
    request: z
      .strictObject({
        prompt: z.optional(prompt),
        image: z.optional(media()),
        duration: z._default(z.literal([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), 5),
        quality,
        /** @experimental Audio. The vendor does not document the field's name. */
        sound,
        aspectRatio,
        /** @experimental Not documented by the vendor. */
        negativePrompt,
      })
      .check(promptOrImage),
  },
  "kling-motion-control": {
    family: "kling-motion-control",
    source: PAGE,
    timing,
    // Resolution and Kling version are sold but no field is documented that selects them: `extraBody` can try.
    request: z.strictObject({
      prompt: z.optional(prompt),
      /** The character. */
      image: media(),
      /** What it does: at most 30 s, which nobody can check before the vendor. */
      motionVideo: media(),
    }),
  },
} as const satisfies ModelTable;

/** US dollars: per video, and of `kling-v3` per second. */
export const PRICES: {
  source: string;
  contested: string;
  "kling-v2-6": { readonly [variant: string]: { readonly [seconds: number]: number } };
  "kling-v3": { readonly [quality in "std" | "pro"]: { readonly [heard in "silent" | "sound"]: number } };
} = {
  source: `${PAGE}, price tables`,
  "kling-v2-6": {
    std: { 5: 0.0159, 10: 0.032 },
    pro: { 5: 0.0267, 10: 0.0531 },
    "pro sound": { 5: 0.0531, 10: 0.1064 },
    "pro voices": { 5: 0.0639, 10: 0.1275 },
  },
  "kling-v3": { std: { silent: 0.0633, sound: 0.0956 }, pro: { silent: 0.0853, sound: 0.128 } },
  contested:
    "the page contradicts itself: its price table has 0.0633 to 0.1280 US dollars per second, its list of models says from 0.0064; this is the table's",
};
