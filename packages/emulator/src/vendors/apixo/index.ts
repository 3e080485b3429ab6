import { resultUrl } from "../../results.ts";
// APIXO: routes, key, limits, money. The words are in bodies.ts (documented) and assumed.ts (not documented).
import type { StoredTask } from "../../store.ts";
import type { Context, Vendor } from "../vendor.ts";
import * as assumed from "./assumed.ts";
import { badKey, missingField, noCredits, ok, states, status, type Answer } from "./bodies.ts";
import { models, type Model } from "./models.ts";
import { undocumented, validate, type Accepted } from "./validate.ts";

const CONCURRENT_TASKS = 1000;
const DAY = 86_400_000;

const send = ({ status: code, body }: Answer) => Response.json(body, { status: code });

export const apixo: Vendor = {
  name: "apixo",
  path: "/api/v1",
  roots: ["generateTask", "statusTask", "apikeys"],
  apiKey: "emulator-key-apixo",
  requestsPerMinute: 10_000,
  resultLifeMs: 15 * DAY, // the models' pages; /docs/api-reference/response-format says 24 hours
  states,
  noResult: assumed.noResult,

  mount(app, context) {
    app.use(async (c, next) => {
      const [scheme, key] = (c.req.header("authorization") ?? "").split(" ");
      if (scheme?.toLowerCase() !== "bearer" || key !== context.apiKey) return send(badKey());
      if (!context.requests.take()) return send(assumed.rateLimited());
      await next();
      return undefined;
    });

    app.post("/generateTask/:model", (c) => {
      const model = modelOf(c.req.param("model"));
      if (!model) return send(assumed.unknownModel());
      const { body, entry } = c.env;
      if (body.kind === "too-large") return send(assumed.tooLarge());
      if (body.kind !== "json" || !/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? ""))
        return send(assumed.notJson());
      const extra = undocumented(model, body.value);
      if (extra.length > 0) entry.undocumented = [...(entry.undocumented ?? []), ...extra];
      const request = validate(model, body.value, new URL(c.req.url).hostname);
      if ("refused" in request) return send(request.refused);
      return send(submit(context, c.req.param("model"), model, request));
    });

    app.get("/statusTask/:model", (c) => {
      if (!modelOf(c.req.param("model"))) return send(assumed.unknownModel());
      const others = Object.keys(c.req.query()).filter((name) => name !== "taskId");
      if (others.length > 0) c.env.entry.undocumented = others.map((name) => `?${name}`);
      const taskId = c.req.query("taskId");
      if (!taskId) return send(missingField("taskId"));
      const task = context.store.get(taskId);
      if (!task || task.model !== c.req.param("model")) return send(assumed.unknownTask());
      const url = task.resultUrl ?? resultUrl(new URL(c.req.url).origin, "apixo", task.id);
      return send(status(task, context.store.state(task), url));
    });

    app.get("/apikeys/current-balance", () => send(ok(context.account.balance())));

    app.notFound(() => send(assumed.unknownPath()));
  },
};

const modelOf = (name: string): Model | undefined => (Object.hasOwn(models, name) ? models[name] : undefined);

function submit(
  { account, clock, random, store }: Context,
  name: string,
  model: Model,
  { clip, imageUrls }: Accepted,
): Answer {
  if (store.running() >= CONCURRENT_TASKS) return assumed.rateLimited();
  let id: string;
  do id = `task_${String(random.serial()).padStart(8, "0")}`;
  while (store.get(id));
  if (!account.charge(id, assumed.PRICE)) return noCredits();

  const createdAt = clock.now();
  const total = Math.round(random.between(...timeOf(model, clip.duration)));
  const startsAt = createdAt + Math.round(total * assumed.PENDING_SHARE);
  const task: StoredTask = {
    id,
    model: name,
    createdAt,
    startsAt,
    endsAt: createdAt + total,
    failure: failureOf(imageUrls),
    clip,
  };
  store.put(task);
  return ok({ taskId: id });
}

function timeOf(model: Model, duration: number): readonly [min: number, max: number] {
  const time = model.timing[duration];
  if (!time) throw new Error(`no time for a duration of ${duration} s, which validation should have refused`);
  return time;
}

/** "Cannot access provided image URL" (models' pages): what is no web address, or has a host that by RFC 6761 never exists. */
function failureOf(imageUrls: readonly string[]): StoredTask["failure"] {
  const accessible = imageUrls.every((image) => {
    const url = URL.parse(image);
    return url !== null && /^https?:$/.test(url.protocol) && !/\.invalid\.?$/.test(url.hostname);
  });
  return accessible ? undefined : { code: "INVALID_IMAGE_URL", message: "Cannot access provided image URL" };
}
