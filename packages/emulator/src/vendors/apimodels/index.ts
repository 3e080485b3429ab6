// APIModels: routes, key, limits, money. The words are in bodies.ts (documented) and assumed.ts (not documented).

import { createHash } from "node:crypto";
import { secondsOf } from "../../video.ts";
import type { Context } from "../context.ts";
import { defineDialect } from "../define-dialect.ts";
import type { Answer, ApiRequest, NewTask } from "../dialect-parts.ts";
import { isAccessible } from "../rules.ts";
import { hidesErrors, settings } from "./account.ts";
import * as assumed from "./assumed.ts";
import { balance, created, states, status } from "./bodies.ts";
import { callback } from "./callback.ts";
import { fidelity } from "./fidelity.ts";
import { models, MOST_MOTION_SECONDS } from "./models.ts";
import { fileHost, takeFile, uploaded } from "./uploads.ts";
import { undocumented, validate } from "./validate.ts";

const DAY = 86_400_000;

export const apimodels = defineDialect({
  name: "apimodels",
  path: "/api/v1",
  secrets: { apiKey: "sk_emulator_key_apimodels" }, // C: keys look like sk_…; the pages show no form, and none is required
  printed: { apiKey: "YOUR_API_KEY", model: "kling-v2-6" },
  maxBody: assumed.MAX_BYTES,
  resultUrlLifeMs: 7 * DAY, // C
  refunds: true, // C: a failed task is not billed
  states,
  stateKey: "state",
  failCodes: assumed.failCodes,
  settings,
  fidelity,
  refusals: assumed,
  finish: (answer, context) =>
    (answer.status ?? 200) >= 400 && hidesErrors(context) ? { ...answer, status: 200 } : answer,
  fileHost,

  submit: {
    route: "POST /video/generations",
    task: submit,
    accepted: ({ id, model }) => created(id, model),
  },
  status: {
    route: "GET /video/generations",
    idOf: ({ query }) => query.get("task_id") ?? undefined,
    query: ["task_id"],
    before: ({ query }) => (query.get("task_id") ? undefined : assumed.missingField("task_id")),
    answer: ({ task, state, url }) => status(task, state, url),
  },
  callback,
  routes: {
    // C: billed on completion; P: `frozen` is on the account and cannot be spent. assumed: until it ends, a task's price is.
    "GET /balance": (_, { account, store }) => balance(account.balance(), store.runningUsd),
    // C: only that `data` is a list of what has an `id`.
    "GET /models": () => ({ body: { data: Object.keys(models).map((id) => ({ id })) } }),
    "POST /files": takeFile,
  },
});

async function submit({ body, base, ...asked }: ApiRequest, context: Context): Promise<NewTask | { refused: Answer }> {
  asked.undocumented(undocumented(body));
  const request = validate(body);
  if ("refused" in request) return request;
  const { name, model, order, clip, images, motionVideo } = request;
  const duration = motionVideo === undefined ? order.duration : await motionSeconds(context, base, motionVideo);
  if (motionVideo !== undefined && duration > MOST_MOTION_SECONDS)
    return { refused: assumed.invalidField("motion_video", `must be at most ${MOST_MOTION_SECONDS} seconds long`) };
  const usd = model.price({ ...order, duration });
  if (usd === undefined) return { refused: assumed.notSold(order) };

  const found = (address: string | undefined) =>
    address === undefined || (isAccessible(address) && uploaded(context, base, address) !== "gone");
  const isFound = images.every((image) => isBase64(image) || found(image));
  return {
    id: cuid,
    model: name,
    clip: { ...clip, duration },
    usd,
    time: assumed.TIME,
    failure: isFound && found(motionVideo) ? undefined : assumed.failure,
  };
}

async function motionSeconds(context: Context, origin: string, address: string): Promise<number> {
  const file = uploaded(context, origin, address);
  return (typeof file === "string" ? undefined : await secondsOf(file)) ?? assumed.MOTION_SECONDS;
}

/** Of the form of a cuid, as "clxxx…" in the examples. */
const cuid = (serial: number) =>
  `cl${BigInt(`0x${createHash("sha256").update(String(serial)).digest("hex")}`)
    .toString(36)
    .slice(-23)
    .padStart(23, "0")}`;

/** With its media type in front, or bare. */
const isBase64 = (value: string) =>
  /^data:[^,]*;base64,/.test(value) || (value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value));
