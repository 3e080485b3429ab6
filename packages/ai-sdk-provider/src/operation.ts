// The operation that the SDK hands from `doStart` to `doStatus`, through whatever database, queue or process lies between.
import type { JSONValue } from "@ai-sdk/provider";
import { InvalidRequestError, parseRef, type Price, type TaskRef, type VideoClient } from "@vidtask/core";
import { issue, membersOf } from "@vidtask/core/router";
import { invalid } from "./errors.ts";

/** What is known of a started video. Plain JSON without a secret. */
export type Operation = {
  readonly ref: TaskRef;
  /** What it costs, where the vendor prints it. */
  readonly price?: Price | undefined;
  readonly idempotencyKey?: string | undefined;
  /** It is asked for once, when a callback has come: the answer may take its time. */
  readonly isCalledBack?: boolean | undefined;
  /** It is asked for once and never again, by `generateVideo`: what is not known by then is lost to the caller. */
  readonly isAskedOnce?: boolean | undefined;
  /** How the videos are handed over. */
  readonly results: "bytes" | "url";
};

export const writeOperation = (operation: Operation): JSONValue =>
  JSON.parse(JSON.stringify({ vidtask: 1, ...operation })) as JSONValue;

type Model = { client: VideoClient; modelId: string };

/**
 * Reads what `writeOperation` wrote. The ref of a task is taken too, as JSON or as `formatRef` writes it: it may come from a
 * journal, an error or a column, as text or parsed.
 *
 * @throws InvalidRequestError for anything else, and for a task of another vendor or model
 */
export function readOperation(stored: JSONValue, { client, modelId }: Model): Operation {
  const value = unstrung(stored);
  const given = isObject(value) ? value : {};
  const written = given["vidtask"] === 1 && isObject(given["ref"]) ? given : undefined;
  const ref = refIn(written ? written["ref"] : value, client);
  const isOwn = membersOf(client).some(({ client: { vendor, models } }) => {
    const row = Object.hasOwn(models, ref.model) ? models[ref.model] : undefined;
    return vendor === ref.vendor && (ref.model === modelId || row?.family === modelId);
  });
  if (!isOwn) {
    const rule = `of this model, ${client.vendor} ${modelId}: ask the model that started it`;
    throw invalid(client.vendor, [issue("operation", rule, `${ref.vendor} ${ref.model}`)], "poll");
  }
  const { price, idempotencyKey, isCalledBack, isAskedOnce, results } = written ?? {};
  return {
    ref,
    ...(isObject(price) && typeof price["usd"] === "number" ? { price: price as unknown as Price } : {}),
    ...(typeof idempotencyKey === "string" ? { idempotencyKey } : {}),
    isCalledBack: isCalledBack === true,
    isAskedOnce: isAskedOnce === true,
    results: results === "bytes" ? "bytes" : "url",
  };
}

/** A column may hold it as text. */
function unstrung(value: JSONValue): JSONValue {
  if (typeof value !== "string" || !value.trimStart().startsWith("{")) return value;
  try {
    return JSON.parse(value) as JSONValue;
  } catch {
    return value;
  }
}

function refIn(value: unknown, { vendor }: VideoClient): TaskRef {
  try {
    return parseRef(value);
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    const rule = "the `operation` that startVideo returned, or the ref of a task";
    throw invalid(vendor, [issue("operation", rule, value ?? null)], "poll");
  }
}

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
