// The Kling model of AIVideoAPI as data. Limits without a page behind them are not here.
import { media, type ModelTable } from "@vidtask/core/adapter";
import * as z from "zod/mini";

const PAGE = "AIVideoAPI, model page kling-2-6";

export const models = {
  "kling-2.6": {
    family: "kling-2.6",
    source: PAGE,
    // No page gives a time of generation.
    request: z.strictObject({
      prompt: z.string().check(z.minLength(1), z.maxLength(2500)),
      /** The model makes videos from images only. */
      image: media(),
      // Documented defaults, but money depends on both: they are always written.
      duration: z._default(z.literal([5, 10]), 5),
      sound: z._default(z.boolean(), false),
    }),
  },
} as const satisfies ModelTable;

/** The page's table and its rates say the same. Charged at the submit, refunded when the task fails. */
export const PRICES = {
  source: `${PAGE}, price table; 0.005 US dollars a credit`,
  /** Of a second of video, in credits. */
  perSecond: { silent: 22, sound: 44 },
  /** A credit is 0.005 US dollars on all of the vendor's pages that say it. */
  creditsPerUsd: 200,
};
