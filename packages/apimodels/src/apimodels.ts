import type { ClientOptions, VideoClient } from "@vidtask/core";
import { defineTestedVendor, url } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import { toBalance, toCall, toCallback, toRefusal, toTask, toUnlisted } from "./map.ts";
import { models, type APIModelsRequest } from "./models.ts";
import { toPrice } from "./rules.ts";
import * as wire from "./wire.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/**
 * Creates a client for APIModels (https://apimodels.app/api/v1), which has Kling models: `client.models` lists them.
 *
 * The key comes from `apiKey` or `APIMODELS_API_KEY`, the base URL from `baseUrl` or `APIMODELS_BASE_URL`. Prices are in
 * US dollars, from the tables of the Kling video page; motion control has none, because its price depends on things that no
 * request says. Files (`Blob`, `data:` URLs) are uploaded through /files (/en/docs/files) unless `upload` is given. Results
 * live 7 days, according to the vendor's own client; no page says so.
 */
export const createAPIModels: (options?: ClientOptions) => VideoClient<APIModelsRequest, typeof models> =
  defineTestedVendor({
    vendor: "apimodels",
    baseUrl: "https://apimodels.app/api/v1",
    secrets: { apiKey: "APIMODELS_API_KEY" },
    models,
    submit: {
      call: toCall,
      unlisted: toUnlisted,
      read: (body) => ({ id: z.parse(wire.submitted, body).data.taskId }),
    },
    status: { call: ({ id }) => ({ path: url`/video/generations?task_id=${id}` }), read: toTask },
    refusal: toRefusal,
    // Kling video page: again after 1, 2 and 4 s, then for 30 minutes.
    callback: { read: toCallback },
    callbackWindowMs: 30 * MINUTE,
    balance: { call: { path: "/balance" }, read: toBalance },
    priceOf: toPrice,
    upload: {
      call: ({ name, type, size }) => ({
        path: "/files",
        json: { filename: name, contentType: type, fileSize: size },
      }),
      read(body) {
        const { uploadUrl, publicUrl } = z.parse(wire.file, body).data;
        return { url: publicUrl, ...(uploadUrl == null ? {} : { put: uploadUrl }) };
      },
      form(file, name) {
        const form = new FormData();
        form.set("file", file, name);
        return { path: "/files", form };
      },
    },
    resultUrlLifeMs: 7 * DAY,
  });
