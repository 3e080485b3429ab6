// How a request to each model of AIVideoAPI is written, and what it costs: the words that all share by a table, the rest by
// the rules of the model.
import type { CheckedOf, Json, JsonObject, Price } from "@vidtask/core/adapter";
import { models } from "./models.ts";

type Checked<M extends keyof typeof models = keyof typeof models> = CheckedOf<Pick<typeof models, M>>;
type Rules<Result> = { readonly [M in keyof typeof models]: (request: Checked<M>) => Result };

/** A credit is 0.005 US dollars on all of the vendor's pages that say it. */
export const CREDITS_PER_USD = 200;

/** A model takes only the words of its schema; those it does not take are absent. */
const NAMES = { prompt: "prompt", duration: "duration", sound: "sound" };

const INPUT: Rules<JsonObject> = {
  "kling-2.6": ({ image }) => ({ image_urls: [String(image)] }),
};

/** In credits, by the page that is the model's `source`: charged at the submit, refunded when the task fails. */
const CREDITS: Rules<number> = {
  "kling-2.6": ({ duration, sound }) => duration * (sound ? 44 : 22),
};

/** The `input` of a submit. */
export function toInput(request: Checked): JsonObject {
  const given = request as { readonly [word: string]: unknown };
  const words = Object.entries(NAMES).map(([word, name]) => [name, given[word] as Json | undefined] as const);
  return { ...Object.fromEntries(words), ...(INPUT[request.model] as (request: Checked) => JsonObject)(request) };
}

export function toPrice(request: Checked): Price {
  const credits = (CREDITS[request.model] as (request: Checked) => number)(request);
  const source = `${models[request.model].source}, price table; 0.005 US dollars a credit`;
  return { usd: credits / CREDITS_PER_USD, credits, source };
}
