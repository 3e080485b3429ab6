import { media, rule, type ModelTable } from "@vidtask/core/adapter";
// The two Kling models of APIXO as data. Limits without a page behind them are not here.
import * as z from "zod/mini";

const prompt = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
const duration = z.literal([5, 10]);
const aspectRatio = z.optional(z.literal(["1:1", "16:9", "9:16"]));
/** `provider` on the wire. Newer pages omit it; one says the strategy is bound to the key. */
const routing = z.optional(z.literal(["auto", "value", "official"]));

const ratioOnlyForText = rule("aspectRatio", "absent with `image`: the video takes the picture's shape", (r) => {
  return !r["image"] || !r["aspectRatio"];
});
const endNeedsStart = rule("endImage", "given together with `image`, the start frame", (r) => {
  return !r["endImage"] || Boolean(r["image"]);
});

export const models = {
  "kling-2-6": {
    family: "kling-2.6",
    source: "APIXO, model page kling-2-6",
    timing: [
      { duration: 5, minMs: 50_000, maxMs: 70_000 },
      { duration: 10, minMs: 80_000, maxMs: 100_000 },
    ],
    request: z
      .strictObject({
        prompt: prompt(1000),
        image: z.optional(media()),
        // The newest page calls `sound` required and no page gives `duration` a default here: both are always written.
        duration: z._default(duration, 5),
        sound: z._default(z.boolean(), false),
        aspectRatio,
        routing,
      })
      .check(ratioOnlyForText),
  },
  "kling-2-5-turbo-pro": {
    family: "kling-2.5-turbo",
    source: "APIXO, model page kling-2-5-turbo-pro",
    timing: [
      { duration: 5, minMs: 30_000, maxMs: 45_000 },
      { duration: 10, minMs: 45_000, maxMs: 60_000 },
    ],
    request: z
      .strictObject({
        prompt: prompt(2500),
        image: z.optional(media()),
        endImage: z.optional(media()),
        duration: z._default(duration, 5),
        aspectRatio,
        negativePrompt: z.optional(z.string().check(z.maxLength(2500))),
        cfgScale: z.optional(z.number().check(z.gte(0), z.lte(1), z.multipleOf(0.1))),
        routing,
      })
      .check(ratioOnlyForText, endNeedsStart),
  },
} as const satisfies ModelTable;
