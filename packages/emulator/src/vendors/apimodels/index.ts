// APIModels: routes, key, limits, money. The words are in bodies.ts (documented) and assumed.ts (not documented).

import { createHash } from "node:crypto";
import { resultUrl } from "../../files/results.ts";
import { logUndocumented } from "../../state/request-log.ts";
import { dated } from "../../state/tasks.ts";
import { secondsOf } from "../../video.ts";
import { guard, jsonOf, send, unknownQuery, type Answer } from "../routes.ts";
import { firstWrong, isAccessible, unknownFields } from "../rules.ts";
import { startTask } from "../start-task.ts";
import type { Call, Context, Vendor } from "../vendor.ts";
import { hidesErrors, settings } from "./account.ts";
import * as assumed from "./assumed.ts";
import { balance, created, ok, states, status } from "./bodies.ts";
import { callback } from "./callback.ts";
import { models, MOST_MOTION_SECONDS } from "./models.ts";
import { announce, FILE_FIELDS, fileHost, keep, uploaded } from "./uploads.ts";
import { undocumented, validate, type Accepted } from "./validate.ts";

const DAY = 86_400_000;

export const apimodels: Vendor = {
  name: "apimodels",
  path: "/api/v1",
  roots: ["video", "balance", "files", "models"],
  apiKey: "sk_emulator_key_apimodels", // C: keys look like sk_…; the pages show no form, and none is required
  printed: { apiKey: "YOUR_API_KEY", model: "kling-v2-6" },
  maxBody: assumed.MAX_BYTES,
  resultUrlLifeMs: 7 * DAY, // C
  refunds: true, // C: a failed task is not billed
  states,
  stateKey: "state",
  failCodes: assumed.failCodes,
  settings,
  fileHost,

  taskCall(method, path, query) {
    if (path !== "/video/generations") return undefined;
    if (method === "POST") return { on: "submit" };
    return method === "GET" ? { on: "poll", taskId: query.get("task_id") ?? undefined } : undefined;
  },
  promptOf: (body) => body["prompt"],

  callback,

  mount(app, context) {
    app.use(async (c, next) => {
      await next();
      if (c.res.status >= 400 && hidesErrors(context)) c.res = new Response(c.res.body, { headers: c.res.headers });
    });
    guard(app, context, assumed);

    app.post("/video/generations", async (c) => {
      const json = jsonOf(c, assumed);
      if ("refused" in json) return send(json.refused);
      logUndocumented(c.env.entry, undocumented(json.fields));
      const request = validate(json.fields);
      if ("refused" in request) return send(request.refused);
      return send(await submit(context, c.env, c.env.base, request));
    });

    app.get("/video/generations", (c) => {
      logUndocumented(c.env.entry, unknownQuery(c, "task_id"));
      const taskId = c.req.query("task_id");
      if (!taskId) return send(assumed.missingField("task_id"));
      const task = context.store.get(taskId);
      if (!task) return send(assumed.unknownTask());
      return send(
        status(dated(task, context.clock), context.store.state(task), resultUrl(c.env.base, "apimodels", task)),
      );
    });

    // C: billed on completion; P: `frozen` is on the account and cannot be spent. assumed: until it ends, a task's price is.
    app.get("/balance", () => {
      const frozen = context.store.running().reduce((sum, { usd }) => sum + Math.round(usd * 1e6), 0) / 1e6;
      return send(balance(context.account.balance(), frozen));
    });

    // C: only that `data` is a list of what has an `id`.
    app.get("/models", () => send({ status: 200, body: { data: Object.keys(models).map((id) => ({ id })) } }));

    app.post("/files", async (c) => {
      const { body, entry } = c.env;
      const type = c.req.header("content-type") ?? "";
      if (/^multipart\/form-data\s*;/i.test(type) && "bytes" in body) {
        const file = await fileOf(body.bytes, type);
        if (!file) return send(assumed.missingField("file"));
        return send(ok(keep(context, c.env.base, file, new Uint8Array(await file.arrayBuffer()))));
      }
      const json = jsonOf(c, assumed);
      if ("refused" in json) return send(json.refused);
      logUndocumented(entry, unknownFields(json.fields, FILE_FIELDS));
      const wrong = firstWrong(
        FILE_FIELDS,
        json.fields,
        (field) => field.required,
        (field, value) => field.check(value),
      );
      if (wrong)
        return send(wrong.rule ? assumed.invalidField(wrong.name, wrong.rule) : assumed.missingField(wrong.name));
      const { filename, contentType } = json.fields as Record<"filename" | "contentType", string>;
      return send(ok(announce(context, c.env.base, filename, contentType)));
    });

    app.notFound(() => send(assumed.unknownPath()));
  },
};

async function submit(
  context: Context,
  call: Call,
  origin: string,
  { name, model, order, clip, images, motionVideo }: Accepted,
): Promise<Answer> {
  const duration = motionVideo === undefined ? order.duration : await motionSeconds(context, origin, motionVideo);
  if (motionVideo !== undefined && duration > MOST_MOTION_SECONDS)
    return assumed.invalidField("motion_video", `must be at most ${MOST_MOTION_SECONDS} seconds long`);
  const usd = model.price({ ...order, duration });
  if (usd === undefined) return assumed.notSold(order);

  const found = (address: string | undefined) =>
    address === undefined || (isAccessible(address) && uploaded(context, origin, address) !== "gone");
  const isFound = images.every((image) => isBase64(image) || found(image));
  const taskId = startTask(context, call, {
    id: cuid,
    model: name,
    clip: { ...clip, duration },
    usd,
    time: assumed.TIME,
    failure: isFound && found(motionVideo) ? undefined : assumed.failure,
  });
  return taskId === undefined ? assumed.noCredits() : created(taskId, name);
}

async function motionSeconds(context: Context, origin: string, address: string): Promise<number> {
  const file = uploaded(context, origin, address);
  return (typeof file === "string" ? undefined : await secondsOf(file)) ?? assumed.MOTION_SECONDS;
}

/** C: the field is called `file`. */
async function fileOf(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<File | undefined> {
  try {
    const file = (await new Response(bytes, { headers: { "content-type": type } }).formData()).get("file");
    return file instanceof File ? file : undefined;
  } catch {
    return undefined;
  }
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
