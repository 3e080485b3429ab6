import { z } from "zod";
import type { Data } from "../answers.ts";
import { findModels, offersFor, type Desk, type Offer } from "../desk.ts";
import { readRequest, REQUEST_FIELDS } from "./request.ts";

export const quoteInput = z.strictObject({
  model: z
    .string()
    .optional()
    .describe('a family over all vendors, such as "kling-2.6", or a vendor\'s own model; without it, every model'),
  vendor: z.string().optional().describe("only this vendor"),
  ...REQUEST_FIELDS,
});

/** What each vendor would do and what it would cost. Sends nothing. */
export async function quote(desk: Desk, { model, vendor, ...given }: z.output<typeof quoteInput>): Promise<Data> {
  const { folder, spending } = desk;
  const offers = offersFor(findModels(desk, model, vendor), await readRequest(given, folder));
  const possible = offers.filter((offer) => "plan" in offer);
  const spent = await spending.today();
  return {
    offers: possible.map(viewOf),
    impossible: offers.flatMap((offer) =>
      "issues" in offer ? [{ vendor: offer.client.vendor, model: offer.model, issues: offer.issues }] : [],
    ),
    budget: { usdPerCall: spending.usdPerCall, usdPerDay: spending.usdPerDay, usdReservedToday: spent },
    next:
      possible.length > 0
        ? "Confirm a price with whoever pays, then call video_submit with the offer's vendor, model and priceUsd, the same request, and an idempotency key."
        : "No vendor can do this: change what the issues name.",
  };
}

function viewOf({ client, model, plan }: Extract<Offer, { plan: unknown }>): Data {
  const { price, expected, resultUrlLifeMs, warnings } = plan;
  return {
    vendor: client.vendor,
    model,
    priceUsd: price?.usd,
    ...(price
      ? { priceIsUpperBound: price.atMost, priceContested: price.contested, priceSource: price.source }
      : { noPrice: "the vendor prints none, so it cannot be submitted here" }),
    expectedSeconds: expected && { from: Math.round(expected.minMs / 1000), to: Math.round(expected.maxMs / 1000) },
    urlLifeHours: resultUrlLifeMs === undefined ? undefined : Math.round(resultUrlLifeMs / 360_000) / 10,
    warnings: warnings.length > 0 ? warnings.map(({ message }) => message) : undefined,
  };
}
