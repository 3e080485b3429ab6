// The three vendors as the suite uses them. A request's prompt ends in its key: so the emulator's tasks can be counted by key.
import { createAIVideoAPI, createAPIModels, createApixo, type ClientOptions, type VideoClient } from "vidtask";

export type VendorName = "apixo" | "aivideoapi" | "apimodels";

type Vendor = {
  create(options: ClientOptions): VideoClient;
  request: { model: string; image?: string };
  /** The share of tasks whose end is waited for; APIModels' take ten times as long as the others'. */
  waits: number;
};

export const vendors: { readonly [name in VendorName]: Vendor } = {
  apixo: { create: createApixo, request: { model: "kling-2-6" }, waits: 0.8 },
  aivideoapi: {
    create: createAIVideoAPI,
    request: { model: "kling-2.6", image: "https://example.com/photo.jpg" },
    waits: 0.4,
  },
  apimodels: { create: createAPIModels, request: { model: "kling-v2-6" }, waits: 0.2 },
};

export const vendorNames = Object.keys(vendors) as VendorName[];

export const requestOf = (vendor: VendorName, key: string) => ({
  ...vendors[vendor].request,
  prompt: `a waterfall for ${key}`,
  duration: 5,
});

/** The key in a prompt of ours. */
export const keyIn = (text: string): string | undefined => /a waterfall for ([\w-]+)/.exec(text)?.[1];
