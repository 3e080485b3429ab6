// What the routes of all vendors do alike. Every word of an answer is the vendor's own.
import type { Context as RequestOf } from "hono";
import { isObject, type Fields } from "./rules.ts";
import type { App, Call, Context, Outage, Refusal } from "./vendor.ts";

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export const send = ({ status, body }: Answer) => Response.json(body, { status });

export interface Refusals {
  badKey(): Answer;
  rateLimited(): Answer;
  outage(status: Outage): Answer;
  unknownPath(): Answer;
  unknownTask(taskId: string): Answer;
  /** What else may be wrong with a caller whose key is right. */
  caller?(): Answer | undefined;
}

/** @param taskId of the task that is asked for, if any. */
function wordsOf(refusal: Refusal, taskId: string | undefined, refusals: Refusals): Answer {
  switch (refusal) {
    case "404":
      return taskId === undefined ? refusals.unknownPath() : refusals.unknownTask(taskId);
    case "429":
      return refusals.rateLimited();
    case "500":
    case "503":
      return refusals.outage(refusal === "500" ? 500 : 503);
  }
}

/** Every request: the key as a Bearer token, then the limit of requests. */
export function guard(app: App, context: Context, refusals: Refusals): void {
  app.use(async (c, next) => {
    const { refusal, taskId } = c.env;
    if (refusal) return send(wordsOf(refusal, taskId, refusals));
    if (context.outage) return send(refusals.outage(context.outage));
    const [scheme, key] = (c.req.header("authorization") ?? "").split(" ");
    if (scheme?.toLowerCase() !== "bearer" || key === undefined || !context.apiKeys.includes(key))
      return send(refusals.badKey());
    const refused = refusals.caller?.();
    if (refused) return send(refused);
    if (!context.requests.take()) return send(refusals.rateLimited());
    await next();
    return undefined;
  });
}

type Words = Record<"tooLarge" | "notJson", () => Answer>;

/** The JSON object that a request carries as `application/json`, or its refusal. */
export function jsonOf(c: RequestOf<{ Bindings: Call }>, words: Words): { fields: Fields } | { refused: Answer } {
  const { body } = c.env;
  if (body.kind === "too-large") return { refused: words.tooLarge() };
  if (!/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? "")) return { refused: words.notJson() };
  return body.kind === "json" && isObject(body.value) ? { fields: body.value } : { refused: words.notJson() };
}

/** Parameters of the query beside the known one, as the log names them. */
export const unknownQuery = (c: RequestOf, known?: string): string[] =>
  Object.keys(c.req.query()).flatMap((name) => (name === known ? [] : [`?${name}`]));
