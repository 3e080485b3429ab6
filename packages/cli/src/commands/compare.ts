import { pureRouter } from "../clients/clients.ts";
import type { CommandRun } from "../clients/run.ts";
import { readSettings } from "../config/settings.ts";
import { EXIT } from "../exit-codes.ts";
import { orStop } from "../interrupt.ts";
import { lineOfOffer, offersOf, readChoice } from "../request/offers.ts";
import { readPrompt, readRequest, type ChoiceOptions, type RequestOptions } from "../request/request.ts";

/** What each vendor would do, at what price; free, without a key. */
export const run: CommandRun<RequestOptions & ChoiceOptions> = async ({ out, options, words, signal }) => {
  const pure = pureRouter((await orStop(signal, readSettings(options))).config.prices);
  const chosen = readChoice(pure.clients, options);
  const request = await readRequest(chosen.family, await readPrompt(words[0] as string | undefined, signal), options);
  const offers = offersOf(pure, request, chosen);
  out.emitAll(offers.map(lineOfOffer));
  return offers.some(({ ok }) => ok) ? EXIT.done : EXIT.usage;
};
