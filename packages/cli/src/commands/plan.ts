import type { Offer } from "vidtask";
import { pureRouter, type Clients } from "../clients/clients.ts";
import type { CommandRun } from "../clients/run.ts";
import { readSettings } from "../config/settings.ts";
import { EXIT } from "../exit-codes.ts";
import { orStop } from "../interrupt.ts";
import { lineOfOffer, mustBePossible, offersOf, readChoice } from "../request/offers.ts";
import { readPrompt, readRequest, type ChoiceOptions, type RequestOptions } from "../request/request.ts";
import { readUnlisted } from "../request/unlisted.ts";

type Options = RequestOptions & ChoiceOptions;

/** What a submit would send, and to whom; free, without a key. */
export const run: CommandRun<Options> = async ({ out, options, words, signal }) => {
  const pure = pureRouter((await orStop(signal, readSettings(options))).config.prices);
  const argument = words[0] as string | undefined;
  const best = options.unlisted
    ? (await readUnlisted(pure.clients, options, argument)).offer
    : await bestListed(pure, options, await readPrompt(argument, signal));
  if (!best?.ok) return EXIT.usage;
  const { body } = best.plan;
  if (out.kind === "json") out.emit({ ...lineOfOffer(best), body });
  else {
    out.emitAll([lineOfOffer(best)]);
    out.print(JSON.stringify(body, null, 2));
  }
  return EXIT.done;
};

async function bestListed(pure: Clients, options: Options, prompt: string | undefined): Promise<Offer | undefined> {
  const chosen = readChoice(pure.clients, options);
  const request = await readRequest(chosen.family, prompt, options);
  const offers = offersOf(pure, request, chosen);
  mustBePossible(offers);
  return offers[0];
}
