// A vendor that does not exist, with everything that a dialect can have: short-lived tokens, an idempotent front, a list that
// lags, a result in a second call that is also how a failure is told, a cancel, a queue, files in the body, signed callbacks.
import { createHmac, timingSafeEqual } from "node:crypto";
import { defineDialect, type Answer, type ApiRequest, type DialectContext, type Seen } from "@vidtask/emulator";

const HOUR = 3_600_000;
/** How long a token of its front is known. */
const WINDOW = 24 * HOUR;
/** How old a task is when its list has it. */
const LIST_LAG = 8_000;

const SECRET = "sk-nonesuch-emulator-secret";
/** Two keys of one account, with one secret: the front knows a token by the key. */
export const KEYS = ["ak-nonesuch-one", "ak-nonesuch-two"] as const;

const refuse = (status: number, message: string, code = `e${status}`): Answer => ({
  status,
  body: { error: { code, message } },
});
const hmac = (key: string, message: string) => createHmac("sha256", key).update(message).digest();
const isSame = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);

/** `authorization: Bearer <header>.<payload>.<signature>`, HS256, of at most half an hour. */
function issuerOf(token: string, now: number): string | undefined {
  const [head = "", payload = "", signature = ""] = token.split(".");
  if (!isSame(Buffer.from(signature, "base64url"), hmac(SECRET, `${head}.${payload}`))) return undefined;
  const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
  if (!isObject(claims)) return undefined;
  const { iss, exp } = claims;
  const left = typeof exp === "number" ? exp * 1000 - now : -1;
  return KEYS.some((key) => key === iss) && left > 0 && left <= 1_800_000 ? String(iss) : undefined;
}

type Check = (value: unknown) => string | undefined;
const isObject = (value: unknown): value is { [name: string]: unknown } => typeof value === "object" && value !== null;
const oneOf =
  (allowed: readonly unknown[]): Check =>
  (value) =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.join(", ")}`;
const text: Check = (value) =>
  typeof value === "string" && value !== "" && value.length <= 2_000
    ? undefined
    : "must be a text of 1 to 2000 characters";
const image: Check = (value) =>
  typeof value === "string" && /^(https?:|data:image\/(png|jpeg);base64,)/.test(value)
    ? undefined
    : "must be a web address or a data: URL";
const FIELDS: Readonly<Record<string, Check>> = {
  model: oneOf(["none-1"]),
  prompt: text,
  seconds: oneOf([4, 8]),
};

function wrongIn(body: ApiRequest["body"]): Answer | undefined {
  for (const [name, check] of Object.entries(FIELDS)) {
    const wrong = check(body[name]);
    if (wrong) return refuse(400, `${name} ${wrong}`, "bad_request");
  }
  const wrong = body["image"] === undefined ? undefined : image(body["image"]);
  return wrong ? refuse(400, `image ${wrong}`, "bad_request") : undefined;
}

/** Success and failure look alike here: the result tells. */
const shown = ({ task, state, queuePosition }: Seen, { store }: DialectContext) => ({
  id: task.id,
  status: { pending: "queued", processing: "running", succeeded: "ended", failed: "ended" }[state],
  model: task.model,
  // By the emulator's clock, as its clients live: in accelerated time a real date would be that of another hour.
  created_at: new Date(store.get(task.id)?.createdAt ?? task.createdAt).toISOString(),
  ...(state === "pending" && { ahead: queuePosition }),
  ...task.echo,
});

function resultOf({ task, state, url }: Seen): Answer {
  if (state === "succeeded") return { body: { id: task.id, video: { url, seconds: task.clip.duration } } };
  if (state !== "failed") return refuse(404, "the video is not there yet", "not_ready");
  return refuse(422, task.failure?.message ?? "", task.failure?.code);
}

/** The header of a callback: `t=<seconds>,v1=<hex>`, over the time and the bytes. */
export const signatureOf = (body: string, secret: string, now: number): string => {
  const at = Math.floor(now / 1000);
  return `t=${at},v1=${hmac(secret, `${at}.${body}`).toString("hex")}`;
};

/** @param destroys its cancel deletes a task, with its video, whether it has ended or not */
export const nonesuchOf = ({ windowMs = WINDOW, lagMs = LIST_LAG, destroys = false } = {}) =>
  defineDialect({
    name: "nonesuch",
    path: "/v2",
    secrets: { accessKey: KEYS[0], secretKey: SECRET },
    states: { queued: "pending", running: "processing", ended: "succeeded" },
    stateKey: "status",
    failCodes: { moderated: "the prompt is not allowed", cancelled: "cancelled", crashed: "the render crashed" },
    refunds: true,
    refuse,
    refusals: { noCredits: () => refuse(402, "no money left", "no_money") },
    maxBody: 2 ** 21,
    auth({ headers }, { clock }) {
      const [scheme, token = ""] = (headers.get("authorization") ?? "").split(" ");
      try {
        // In accelerated time a client may live by this clock, or by real dates.
        const times = [clock.now(), clock.dateOf(clock.now())];
        const [issuer = false] = times.flatMap((now) => issuerOf(token, now) ?? []);
        return scheme === "Bearer" && issuer;
      } catch {
        return false;
      }
    },
    submit: {
      route: "POST /videos",
      task({ body }) {
        const refused = wrongIn(body);
        if (refused) return { refused };
        const seconds = Number(body["seconds"]);
        return {
          model: String(body["model"]),
          clip: { prompt: String(body["prompt"]), duration: seconds },
          usd: seconds * 0.05,
          time: [20_000, 60_000],
          echo: { client_ref: body["client_ref"], webhook_url: body["webhook_url"] },
        };
      },
      accepted: ({ id }) => ({ status: 202, body: { id } }),
    },
    idempotency: { header: "idempotency-key", windowMs },
    status: { route: "GET /videos/:id", answer: (seen, _, context) => ({ body: shown(seen, context) }) },
    result: { route: "GET /videos/:id/result", answer: resultOf },
    list: {
      route: "GET /videos",
      lagMs,
      answer(tasks, { query }, context) {
        const wanted = query.get("client_ref");
        const items: object[] = [];
        for (const seen of tasks) {
          if (wanted === null || seen.task.echo?.["client_ref"] === wanted) items.push(shown(seen, context));
          if (items.length === (wanted === null ? 50 : 1)) break;
        }
        return { body: { items } };
      },
    },
    cancel: {
      route: destroys ? "DELETE /videos/:id" : "POST /videos/:id/cancel",
      failure: { code: "cancelled", message: "cancelled" },
      answer: () => ({ status: 202, body: {} }),
      ...(destroys && { destroys }),
    },
    routes: { "GET /account": (_, { account }) => ({ body: { usd: account.balance() } }) },
    callback: {
      urlOf: (body) => body["webhook_url"],
      delays: [0, 30_000],
      message: ({ task, state, url }) => ({
        body: {
          id: task.id,
          status: "ended",
          ...(state === "failed" ? { error: task.failure } : { video: { url, seconds: task.clip.duration } }),
        },
      }),
      sign: (body, { secretKey = "" }, now) => ({ "x-nonesuch-signature": signatureOf(body, secretKey, now) }),
    },
  });
