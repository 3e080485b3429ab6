import { pureRouter } from "../clients/clients.ts";
import type { CommandRun } from "../clients/run.ts";
import { readSettings } from "../config/settings.ts";
import { EXIT } from "../exit-codes.ts";
import { lineOfOffer, mustBePossible, offersOf, readChoice } from "../request/offers.ts";
import { readPrompt, readRequest, type ChoiceOptions, type RequestOptions } from "../request/request.ts";

/** What a submit would send, and to whom; free, without a key. */
export const run: CommandRun<RequestOptions & ChoiceOptions> = async ({ out, options, words }) => {
  const pure = pureRouter(readSettings(options).config.prices);
  const chosen = readChoice(pure.clients, options);
  const request = await readRequest(chosen.family, await readPrompt(words[0] as string | undefined), options);
  const offers = offersOf(pure, request, chosen);
  mustBePossible(offers);
  const [best] = offers;
  if (!best?.ok) return EXIT.usage;
  const { body } = best.plan;
  if (out.kind === "json") out.emit({ ...lineOfOffer(best), body });
  else {
    out.emitAll([lineOfOffer(best)]);
    out.print(JSON.stringify(body, null, 2));
  }
  return EXIT.done;
};
