// The clients of all vendors, and the router over them. Nothing of Node is loaded here: `vidtask models` has to be quick.
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  createVidtask,
  memoryJournal,
  pricesFrom,
  type Journal,
  type PriceTable,
  type VideoClient,
  type VideoRequest,
  type Vidtask,
} from "vidtask";
import { VENDORS, type Vendor } from "../vendors.ts";

export type Clients = {
  /** Over all vendors. */
  readonly router: Vidtask<VideoRequest>;
  readonly clients: { readonly [vendor in Vendor]: VideoClient };
};

const FACTORIES = { apixo: createApixo, aivideoapi: createAIVideoAPI, apimodels: createAPIModels };

/** Clients without journal and keys, for what is pure: models, plans, offers. */
export function pureRouter(prices: PriceTable): Clients {
  return routerOf((vendor) => ({ apiKey: "none", prices: pricesFrom(prices, vendor) }), memoryJournal());
}

export type Options = NonNullable<Parameters<typeof createApixo>[0]>;

export function routerOf(optionsOf: (vendor: Vendor) => Options, journal: Journal): Clients {
  const clients = Object.fromEntries(VENDORS.map((vendor) => [vendor, clientOf(vendor, optionsOf(vendor))])) as {
    [vendor in Vendor]: VideoClient;
  };
  return { clients, router: createVidtask({ vendors: Object.values(clients), journal }) };
}

/** A client without a journal, for what costs nothing. */
export const clientOf = (vendor: Vendor, options: Options): VideoClient =>
  FACTORIES[vendor](options) as unknown as VideoClient;
