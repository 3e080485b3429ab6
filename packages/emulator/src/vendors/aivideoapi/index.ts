// AIVideoAPI: routes, key, limits, money. The words are in bodies.ts (documented) and assumed.ts (not documented).

import { createHash } from "node:crypto";
import type { Context } from "../context.ts";
import { defineDialect } from "../define-dialect.ts";
import type { Answer, ApiRequest, NewTask } from "../dialect-parts.ts";
import { isAccessible, isObject } from "../rules.ts";
import { isAffordable, isAllowed, settings } from "./account.ts";
import * as assumed from "./assumed.ts";
import { failCodes, noCredits, ok, states, status } from "./bodies.ts";
import { callback } from "./callback.ts";
import { fidelity } from "./fidelity.ts";
import { USD_PER_CREDIT } from "./models.ts";
import { undocumented, validate } from "./validate.ts";

export const aivideoapi = defineDialect({
  name: "aivideoapi",
  path: "/v1",
  secrets: { apiKey: "sk-emulator-key-aivideoapi" }, // D: a key that does not start with sk- is refused
  requestsPerMinute: assumed.REQUESTS_PER_MINUTE,
  // no resultUrlLifeMs: "the video URL is permanent" (D); another model's page says 24 hours
  printed: { apiKey: "sk-your-api-key", taskId: "taskId", model: "kling-2.6" }, // curl reads "{taskId}" so
  refunds: true, // D: "when a task fails, the credits are refunded automatically"
  states,
  stateKey: "status",
  failCodes,
  settings,
  fidelity,
  refusals: { noCredits, ...assumed },
  caller: (_, context) => (isAllowed(context) ? undefined : assumed.addressNotAllowed()),

  submit: {
    route: "POST /videos/generations",
    task: submit,
    accepted: ({ id: taskId }) => ok({ taskId }),
    promptOf: (body) => (isObject(body["input"]) ? body["input"]["prompt"] : undefined),
  },
  status: {
    route: "GET /tasks/:id",
    answer: ({ task, state, url }) => status(task, state, url),
  },
  callback,
  routes: {
    "GET /credits"(_, { account }) {
      const balance = credits(account.balance());
      const consumed = credits(account.spent());
      return ok({ balance, total_purchased: balance + consumed, total_consumed: consumed });
    },
  },
});

/** Whole ones; a rest in dollars that makes no credit is not shown. */
const credits = (usd: number) => Math.floor(Math.round(usd * 1e6) / Math.round(USD_PER_CREDIT * 1e6));

function submit({ body, ...asked }: ApiRequest, context: Context): NewTask | { refused: Answer } {
  asked.undocumented(undocumented(body));
  const request = validate(body);
  if ("refused" in request) return request;
  const { name, clip, urls, credits: price } = request;
  if (price === undefined)
    throw new Error(`no price for a duration of ${clip.duration} s, which validation should have refused`);
  if (!isAffordable(context, price)) return { refused: assumed.spendLimited() };
  return {
    id: uuid,
    model: name,
    clip,
    usd: price * USD_PER_CREDIT,
    time: assumed.TIME,
    failure: urls.every(isAccessible) ? undefined : assumed.failure,
  };
}

/** Of the form of a random UUID (version 4), as in the examples. */
function uuid(serial: number): string {
  const hex = createHash("sha256").update(String(serial)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
