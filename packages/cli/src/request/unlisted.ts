// A model that this version does not list: asked for on purpose, of one vendor, with the whole body in --extra-body.
import { InvalidRequestError, type Offer, type VideoRequest } from "vidtask";
import type { Clients } from "../clients/clients.ts";
import { UsageError } from "../usage-error.ts";
import { isVendor, VENDORS, type Vendor } from "../vendors.ts";
import { mustBePossible } from "./offers.ts";
import { readRequest, type ChoiceOptions, type RequestOptions } from "./request.ts";

export type Unlisted = { vendor: Vendor; request: VideoRequest; offer: Offer };

/** @throws UsageError for anything but one vendor, a model's id and a body */
export async function readUnlisted(
  clients: Clients["clients"],
  { model: name, vendor: named, prefer: _, dropFields, ...options }: RequestOptions & ChoiceOptions,
  prompt: string | undefined,
): Promise<Unlisted> {
  const [before = "", ...rest] = name.split(":");
  const [vendor, model] = isVendor(before) ? [before, rest.join(":")] : [named, name];
  if (!isVendor(vendor) || (named !== undefined && named !== vendor))
    throw new UsageError("--unlisted needs the one vendor that has the model", [
      `For example: --model ${VENDORS[0]}:kling-9, or --vendor ${VENDORS[0]} --model kling-9`,
    ]);
  if (dropFields !== undefined) throw new UsageError("--drop-fields is for listed models: --unlisted drops nothing");
  const request: VideoRequest = { ...(await readRequest(model, prompt, options)), unlisted: true };
  const offer = offerOf(clients, vendor, request);
  mustBePossible([offer]);
  return { vendor, request, offer };
}

function offerOf(clients: Clients["clients"], vendor: Vendor, request: VideoRequest): Offer {
  try {
    const plan = clients[vendor].plan(request);
    return { vendor, model: request.model, ok: true, plan, warnings: [...plan.warnings] };
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    return { vendor, model: request.model, ok: false, issues: error.issues };
  }
}
