// What the Worker is bound to, and the client that comes of it. A Worker has its settings with each request, not before.
import { createApixo } from "@vidtask/apixo";
import { sqlStore } from "@vidtask/stores/sql";
import type { Workflow } from "cloudflare:workers";

/** The bindings of `wrangler.jsonc`, its secrets, and for callbacks CALLBACK_URL and CALLBACK_SECRET. */
export type Env = {
  DB: D1Database;
  VIDEOS: Workflow<Video>;
  APIXO_API_KEY: string;
  APIXO_BASE_URL?: string;
  CALLBACK_URL?: string;
  CALLBACK_SECRET?: string;
};
/** What an instance asks for. */
export type Video = { prompt: string };

export const keyOf = (instanceId: string): string => `video:workflows:${instanceId}`;
export const instanceIdOf = (key: string): string => key.slice(keyOf("").length);

export const storeOf = ({ DB }: Env) =>
  sqlStore(
    async (sql, values) => {
      const statement = DB.prepare(sql).bind(...values);
      return (await statement.all()).results;
    },
    { dialect: "sqlite" },
  );

export function clientOf(env: Env) {
  const { APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl, CALLBACK_URL: url, CALLBACK_SECRET: secret = "" } = env;
  const { journal, slots } = storeOf(env);
  const limits = { concurrentTasks: 20, shared: slots };
  return createApixo({ apiKey, baseUrl, journal, limits, ...(url && { callback: { url, secret } }) });
}
