// APIXO: routes, key, limits, money. The words are in bodies.ts (documented) and assumed.ts (not documented).

import type { StoredTask } from "../../state/tasks.ts";
import type { Context } from "../context.ts";
import { defineDialect } from "../define-dialect.ts";
import type { Answer, ApiRequest, NewTask } from "../dialect-parts.ts";
import { isAccessible, isObject } from "../rules.ts";
import { accountOf, settings } from "./account.ts";
import * as assumed from "./assumed.ts";
import { badKey, failCodes, missingField, noCredits, ok, states, status } from "./bodies.ts";
import { callback } from "./callback.ts";
import { fidelity } from "./fidelity.ts";
import { models, type Model } from "./models.ts";
import { undocumented, validate } from "./validate.ts";

const CONCURRENT_TASKS = 1000;
const DAY = 86_400_000;

export const apixo = defineDialect({
  name: "apixo",
  path: "/api/v1",
  secrets: { apiKey: "emulator-key-apixo" },
  printed: { apiKey: "YOUR_API_KEY", taskId: "task_12345678", model: "kling-2-6" },
  requestsPerMinute: 10_000,
  resultUrlLifeMs: 15 * DAY, // the models' pages; /docs/api-reference/response-format says 24 hours
  refunds: false, // no page says that a failed task is
  states,
  stateKey: "state",
  failCodes: { ...failCodes, ...assumed.failCodes },
  settings,
  fidelity,
  refusals: { badKey, noCredits, ...assumed },

  submit: {
    route: "POST /generateTask/:model",
    before: ({ params }) => (modelOf(params["model"]) ? undefined : assumed.unknownModel()),
    task: submit,
    accepted: ({ id: taskId }) => ok({ taskId }),
    promptOf: (body) => (isObject(body["input"]) ? body["input"]["prompt"] : undefined),
  },
  status: {
    route: "GET /statusTask/:model",
    idOf: ({ query }) => query.get("taskId") ?? undefined,
    query: ["taskId"],
    before({ params, query }) {
      if (!modelOf(params["model"])) return assumed.unknownModel();
      return query.get("taskId") ? undefined : missingField("taskId");
    },
    answer: ({ task, state, url }, { params }) =>
      task.model === params["model"] ? status(task, state, url) : assumed.unknownTask(),
  },
  callback,
  routes: { "GET /apikeys/current-balance": (_, { account }) => ok(account.balance()) },
});

const modelOf = (name = ""): Model | undefined => (Object.hasOwn(models, name) ? models[name] : undefined);

function submit({ params, body, base, ...asked }: ApiRequest, context: Context): NewTask | { refused: Answer } {
  const name = params["model"] ?? "";
  const model = modelOf(name);
  if (!model) return { refused: assumed.unknownModel() };
  asked.undocumented(undocumented(model, body));
  const request = validate(model, body, new URL(base).hostname);
  if ("refused" in request) return request;
  if (context.store.runningCount >= CONCURRENT_TASKS) return { refused: assumed.rateLimited() };
  const { clip, urls, usd } = request;
  return {
    id: (serial) => `task_${String(serial).padStart(8, "0")}`,
    model: name,
    clip,
    usd: accountOf(context).priceUsd ?? usd ?? assumed.PRICE,
    time: timeOf(model, clip.duration),
    failure: failureOf(urls),
  };
}

function timeOf({ timing }: Model, duration: number): NewTask["time"] {
  if (!timing) return assumed.TIME;
  const time = timing[duration];
  if (!time) throw new Error(`no time for a duration of ${duration} s, which validation should have refused`);
  return time;
}

/** "Cannot access provided image URL" (models' pages). */
const failureOf = (urls: readonly string[]): StoredTask["failure"] =>
  urls.every(isAccessible) ? undefined : { code: "INVALID_IMAGE_URL", message: failCodes.INVALID_IMAGE_URL };
