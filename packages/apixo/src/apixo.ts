import type { ClientOptions, VideoClient } from "@vidtask/core";
import { defineTestedVendor, url } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { toCall, toRefusal, toTask, toUnlisted } from "./map.ts";
import { models, type ApixoRequest } from "./models.ts";
import { toPrice } from "./rules.ts";
import * as wire from "./wire.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Creates a client for APIXO (https://api.apixo.ai/api/v1), which has Kling and Veo models: `client.models` lists them.
 *
 * The key comes from `apiKey` or `APIXO_API_KEY`, the base URL from `baseUrl` or `APIXO_BASE_URL`. No page prints the price of
 * a Kling model, so their plans have no price and `maxPrice` refuses them. Result URLs live 15 days by the model pages and
 * 24 hours by /docs/api-reference/response-format: `expiresAt` uses the shorter.
 */
export const createApixo: (options?: ClientOptions) => VideoClient<ApixoRequest, typeof models> = defineTestedVendor({
  vendor: "apixo",
  baseUrl: "https://api.apixo.ai/api/v1",
  secrets: { apiKey: "APIXO_API_KEY" },
  models,
  submit: {
    call: toCall,
    unlisted: toUnlisted,
    read: (body) => ({ id: z.parse(wire.submitted, body).data.taskId }),
  },
  status: { call: ({ model, id }) => ({ path: url`/statusTask/${model}?taskId=${id}` }), read: toTask },
  refusal: toRefusal,
  // /docs/api-reference/webhooks: the body is that of a status; again after 30 s, 2 min and 10 min, each after a time-out
  // of 30 s: the last attempt begins 14 minutes after the task's end.
  callback: { read: (body) => ({ id: z.parse(wire.callback, body).data.taskId }) },
  callbackWindowMs: 14 * MINUTE,
  balance: { call: { path: "/apikeys/current-balance" }, read: (body) => ({ usd: z.parse(wire.balance, body).data }) },
  priceOf: toPrice,
  // Both model pages, "Rate limits".
  limits: { requestsPerMinute: 10_000, concurrentTasks: 1_000 },
  resultUrlLifeMs: 24 * HOUR,
});
