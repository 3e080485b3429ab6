// AIVideoAPI: routes, key, limits, money. The words are in bodies.ts (documented) and assumed.ts (not documented).

import { createHash } from "node:crypto";
import { resultUrl } from "../../files/results.ts";
import { logUndocumented } from "../../state/request-log.ts";
import { dated } from "../../state/tasks.ts";
import { guard, jsonOf, send, unknownQuery, type Answer } from "../routes.ts";
import { isAccessible, isObject } from "../rules.ts";
import { startTask } from "../start-task.ts";
import type { Call, Context, Vendor } from "../vendor.ts";
import { isAffordable, isAllowed, settings } from "./account.ts";
import * as assumed from "./assumed.ts";
import { failCodes, noCredits, ok, states, status } from "./bodies.ts";
import { callback } from "./callback.ts";
import { USD_PER_CREDIT } from "./models.ts";
import { undocumented, validate, type Accepted } from "./validate.ts";

export const aivideoapi: Vendor = {
  name: "aivideoapi",
  path: "/v1",
  roots: ["videos", "tasks", "credits"],
  apiKey: "sk-emulator-key-aivideoapi", // D: a key that does not start with sk- is refused
  requestsPerMinute: assumed.REQUESTS_PER_MINUTE,
  // no resultUrlLifeMs: "the video URL is permanent" (D); another model's page says 24 hours
  printed: { apiKey: "sk-your-api-key", taskId: "taskId", model: "kling-2.6" }, // curl reads "{taskId}" so
  refunds: true, // D: "when a task fails, the credits are refunded automatically"
  states,
  stateKey: "status",
  failCodes,
  settings,

  taskCall(method, path) {
    if (method === "POST" && path === "/videos/generations") return { on: "submit" };
    if (method !== "GET" || !path.startsWith("/tasks/")) return undefined;
    return { on: "poll", taskId: path.slice("/tasks/".length) };
  },
  promptOf: (body) => (isObject(body["input"]) ? body["input"]["prompt"] : undefined),

  callback,

  mount(app, context) {
    guard(app, context, {
      ...assumed,
      caller: () => (isAllowed(context) ? undefined : assumed.addressNotAllowed()),
    });

    app.post("/videos/generations", (c) => {
      const json = jsonOf(c, assumed);
      if ("refused" in json) return send(json.refused);
      logUndocumented(c.env.entry, undocumented(json.fields));
      const request = validate(json.fields);
      if ("refused" in request) return send(request.refused);
      return send(submit(context, c.env, request));
    });

    app.get("/tasks/:taskId", (c) => {
      logUndocumented(c.env.entry, unknownQuery(c));
      const taskId = c.req.param("taskId");
      const task = context.store.get(taskId);
      if (!task) return send(assumed.unknownTask(taskId));
      return send(
        status(dated(task, context.clock), context.store.state(task), resultUrl(c.env.base, "aivideoapi", task)),
      );
    });

    app.get("/credits", () => {
      const balance = credits(context.account.balance());
      const consumed = credits(context.account.spent());
      return send(ok({ balance, total_purchased: balance + consumed, total_consumed: consumed }));
    });

    app.notFound(() => send(assumed.unknownPath()));
  },
};

/** Whole ones; a rest in dollars that makes no credit is not shown. */
const credits = (usd: number) => Math.floor(Math.round(usd * 1e6) / Math.round(USD_PER_CREDIT * 1e6));

function submit(context: Context, call: Call, { name, clip, urls, credits: price }: Accepted): Answer {
  if (price === undefined)
    throw new Error(`no price for a duration of ${clip.duration} s, which validation should have refused`);
  if (!isAffordable(context, price)) return assumed.spendLimited();
  const taskId = startTask(context, call, {
    id: uuid,
    model: name,
    clip,
    usd: price * USD_PER_CREDIT,
    time: assumed.TIME,
    failure: urls.every(isAccessible) ? undefined : assumed.failure,
  });
  return taskId === undefined ? noCredits() : ok({ taskId });
}

/** Of the form of a random UUID (version 4), as in the examples. */
function uuid(serial: number): string {
  const hex = createHash("sha256").update(String(serial)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
