// APIXO: routes, key, limits, money. The words are in bodies.ts (documented) and assumed.ts (not documented).

import { resultUrl } from "../../files/results.ts";
import type { Quantiles } from "../../state/random.ts";
import { logUndocumented } from "../../state/request-log.ts";
import { dated, type StoredTask } from "../../state/tasks.ts";
import { guard, jsonOf, send, unknownQuery, type Answer } from "../routes.ts";
import { isAccessible, isObject } from "../rules.ts";
import { startTask } from "../start-task.ts";
import type { Call, Context, Vendor } from "../vendor.ts";
import { accountOf, settings } from "./account.ts";
import * as assumed from "./assumed.ts";
import { badKey, failCodes, missingField, noCredits, ok, states, status } from "./bodies.ts";
import { callback } from "./callback.ts";
import { models, type Model } from "./models.ts";
import { undocumented, validate, type Accepted } from "./validate.ts";

const CONCURRENT_TASKS = 1000;
const DAY = 86_400_000;

export const apixo: Vendor = {
  name: "apixo",
  path: "/api/v1",
  roots: ["generateTask", "statusTask", "apikeys"],
  apiKey: "emulator-key-apixo",
  printed: { apiKey: "YOUR_API_KEY", taskId: "task_12345678", model: "kling-2-6" },
  requestsPerMinute: 10_000,
  resultUrlLifeMs: 15 * DAY, // the models' pages; /docs/api-reference/response-format says 24 hours
  refunds: false, // no page says that a failed task is
  states,
  stateKey: "state",
  failCodes: { ...failCodes, ...assumed.failCodes },
  settings,

  taskCall(method, path, query) {
    if (method === "POST" && path.startsWith("/generateTask/")) return { on: "submit" };
    if (method !== "GET" || !path.startsWith("/statusTask/")) return undefined;
    return { on: "poll", taskId: query.get("taskId") ?? undefined };
  },
  promptOf: (body) => (isObject(body["input"]) ? body["input"]["prompt"] : undefined),

  callback,

  mount(app, context) {
    guard(app, context, { badKey, ...assumed });

    app.post("/generateTask/:model", (c) => {
      const model = modelOf(c.req.param("model"));
      if (!model) return send(assumed.unknownModel());
      const json = jsonOf(c, assumed);
      if ("refused" in json) return send(json.refused);
      logUndocumented(c.env.entry, undocumented(model, json.fields));
      const request = validate(model, json.fields, new URL(c.req.url).hostname);
      if ("refused" in request) return send(request.refused);
      return send(submit(context, c.env, c.req.param("model"), model, request));
    });

    app.get("/statusTask/:model", (c) => {
      if (!modelOf(c.req.param("model"))) return send(assumed.unknownModel());
      logUndocumented(c.env.entry, unknownQuery(c, "taskId"));
      const taskId = c.req.query("taskId");
      if (!taskId) return send(missingField("taskId"));
      const task = context.store.get(taskId);
      if (!task || task.model !== c.req.param("model")) return send(assumed.unknownTask());
      return send(status(dated(task, context.clock), context.store.state(task), resultUrl(c.env.base, "apixo", task)));
    });

    app.get("/apikeys/current-balance", () => send(ok(context.account.balance())));

    app.notFound(() => send(assumed.unknownPath()));
  },
};

const modelOf = (name: string): Model | undefined => (Object.hasOwn(models, name) ? models[name] : undefined);

function submit(context: Context, call: Call, name: string, model: Model, { clip, urls, usd }: Accepted): Answer {
  if (context.store.running().length >= CONCURRENT_TASKS) return assumed.rateLimited();
  const taskId = startTask(context, call, {
    id: (serial) => `task_${String(serial).padStart(8, "0")}`,
    model: name,
    clip,
    usd: accountOf(context).priceUsd ?? usd ?? assumed.PRICE,
    time: timeOf(model, clip.duration),
    failure: failureOf(urls),
  });
  return taskId === undefined ? noCredits() : ok({ taskId });
}

function timeOf({ timing }: Model, duration: number): Quantiles {
  if (!timing) return assumed.TIME;
  const [min, max] = timing[duration] ?? [];
  if (min === undefined || max === undefined)
    throw new Error(`no time for a duration of ${duration} s, which validation should have refused`);
  return [
    [0, min],
    [1, max],
  ];
}

/** "Cannot access provided image URL" (models' pages). */
const failureOf = (urls: readonly string[]): StoredTask["failure"] =>
  urls.every(isAccessible) ? undefined : { code: "INVALID_IMAGE_URL", message: failCodes.INVALID_IMAGE_URL };
