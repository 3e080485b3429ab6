// What the vendors would do for a request, and in which order they are asked.
import type { Offer, VideoRequest } from "vidtask";
import type { Clients } from "../clients/clients.ts";
import type { OfferLine } from "../output/lines.ts";
import { UsageError } from "../usage-error.ts";
import { findModel, readVendors, type Asked } from "./models.ts";
import type { ChoiceOptions } from "./request.ts";

export type Chosen = Asked & { dropFields: string[]; prefer: "cheapest" | "fastest" };

export function readChoice(clients: Clients["clients"], options: ChoiceOptions): Chosen {
  const { model, vendor, dropFields, prefer = "cheapest" } = options;
  const asked = findModel(clients, model, readVendors(vendor));
  return {
    ...asked,
    prefer,
    dropFields: dropFields === undefined ? [] : dropFields.split(",").map((one) => one.trim()),
  };
}

/** Best first; impossible ones last. Of vendors that were named, in the order in which they were. */
export function offersOf({ router }: Pick<Clients, "router">, request: VideoRequest, chosen: Chosen): Offer[] {
  const { vendors, isOrdered, prefer, dropFields } = chosen;
  const offers = router.compare(request, { prefer: isOrdered ? vendors : prefer, dropFields });
  return offers.filter(({ vendor }) => (vendors as readonly string[]).includes(vendor));
}

export function lineOfOffer(offer: Offer): OfferLine {
  const { vendor, model } = offer;
  if (!offer.ok) return { type: "offer", vendor, model, ok: false, issues: offer.issues };
  const { price, expected, resultUrlLifeMs } = offer.plan;
  return {
    type: "offer",
    vendor,
    model,
    ok: true,
    ...(price ? { priceUsd: price.usd } : {}),
    ...(expected ? { expected } : {}),
    ...(resultUrlLifeMs === undefined ? {} : { resultUrlLifeMs }),
    ...(offer.warnings.length > 0 ? { warnings: offer.warnings } : {}),
  };
}

/** @throws UsageError with all that stands against a request that none of them can do */
export function mustBePossible(offers: readonly Offer[]): void {
  if (offers.some(({ ok }) => ok)) return;
  const against = offers.flatMap((offer) =>
    offer.ok ? [] : offer.issues.map(({ path, message }) => `${offer.vendor}: ${path} ${message}`),
  );
  throw new UsageError("no vendor can do this:", against);
}
