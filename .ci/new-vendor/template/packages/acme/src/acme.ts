// Acme is invented: what is here works, and each value waits for a fact of the vendor's pages.
import type { ClientOptions, VideoClient } from "@vidtask/core";
import { defineVendor, url } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { toRefusal } from "./errors.ts";
import { toCall, toTask } from "./map.ts";
import { models, type AcmeRequest } from "./models.ts";
import * as wire from "./wire.ts";

/**
 * Creates a client for Acme, an invented vendor.
 *
 * The key comes from `apiKey` or `ACME_API_KEY`, the base URL from `baseUrl` or `ACME_BASE_URL`. Plans have no price.
 */
export const createAcme: (options?: ClientOptions) => VideoClient<AcmeRequest, typeof models> = defineVendor({
  vendor: "acme",
  baseUrl: "https://api.acme.test/acme/v1",
  secrets: { apiKey: "ACME_API_KEY" },
  models,
  submit: { call: toCall, read: (body) => ({ id: z.parse(wire.accepted, body).id }) },
  status: { call: ({ id }) => ({ path: url`/tasks/${id}` }), read: toTask },
  refusal: toRefusal,
  callback: { read: (body) => ({ id: z.parse(wire.accepted, body).id }) },
  resultUrlLifeMs: 86_400_000, // invented: a day
});
