import type { ClientOptions, VideoClient } from "@vidtask/core";
import { defineTestedVendor, url } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { toBalance, toCall, toRefusal, toTask, toUnlisted } from "./map.ts";
import { models, type AIVideoAPIRequest } from "./models.ts";
import { toPrice } from "./rules.ts";
import * as wire from "./wire.ts";

const MINUTE = 60_000;

/**
 * Creates a client for AIVideoAPI (https://api.aivideoapi.ai/v1), which has Kling and Veo models: `client.models` lists them.
 *
 * The key comes from `apiKey` or `AIVIDEOAPI_API_KEY` and starts with `sk-`, the base URL from `baseUrl` or
 * `AIVIDEOAPI_BASE_URL`. Plans have the price from the model page, in credits and in US dollars. The same page calls result
 * URLs permanent, so videos have no `expiresAt`; it gives no generation times, so plans have no `expected`.
 */
export const createAIVideoAPI: (options?: ClientOptions) => VideoClient<AIVideoAPIRequest, typeof models> =
  defineTestedVendor({
    vendor: "aivideoapi",
    baseUrl: "https://api.aivideoapi.ai/v1",
    secrets: { apiKey: "AIVIDEOAPI_API_KEY" },
    models,
    submit: {
      call: toCall,
      unlisted: toUnlisted,
      read: (body) => ({ id: z.parse(wire.submitted, body).data.taskId }),
    },
    status: { call: ({ id }) => ({ path: url`/tasks/${id}` }), read: toTask },
    refusal: toRefusal,
    // Model page: the body is that of a status. /docs/getting-started/callback: again after 3 and after 10 minutes. With two
    // time-outs, taken for 30 s since no page says them, the last attempt begins 14 minutes after the task's end.
    callback: { read: (body) => ({ id: z.parse(wire.callback, body).id }) },
    callbackWindowMs: 14 * MINUTE,
    // Model page: the finished task that is printed took 105 minutes by its own two times.
    maxTaskMs: 120 * MINUTE,
    balance: { call: { path: "/credits" }, read: toBalance },
    priceOf: toPrice,
  });
