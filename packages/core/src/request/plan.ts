import { callQuietly } from "../task/call-quietly.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { Warning } from "../task/events.ts";
import { issue, unreadable, type Issue } from "../task/issue.ts";
import { isVariant, type Json, type JsonObject } from "../task/task.ts";
import { checkedCall, given, WrongSpecError, type HttpCall } from "../vendor-spec/call.ts";
import { filesIn, mapMedia } from "../vendor-spec/media-fields.ts";
import { isFile } from "../vendor-spec/media.ts";
import { expectedTime, undocumentedFields, type ModelSpec } from "../vendor-spec/models.ts";
import type { Price } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { callbackPlace, type CallbackPlace } from "./callback-place.ts";
import { schemaOf } from "./canonical.ts";
import { checkFollowUps, PLAN_TOKEN } from "./follow-ups.ts";
import { checkRequest, isJsonObject, type Checked, type VideoRequest } from "./request.ts";
import { illFormedTexts } from "./texts.ts";
import { checkUnlisted, isUnlisted, uncheckedWarning, writtenCall } from "./unlisted.ts";

/** What a submit would do, without doing it. */
export type Plan<R> = {
  vendor: string;
  /** The checked request with its defaults. */
  request: R;
  /** The paid call is always one. */
  method: "POST";
  /**
   * The URL of the call. A token in it shows as 32 zeros, a signed callback URL as one that ends in `signed-by-submit`, and a
   * secret of the client, plain or escaped, as `***`.
   */
  url: string;
  /** The names of this call's headers, in lower case, except those for JSON and the credentials. */
  headers: string[];
  /** Where the call gives the vendor the callback URL; absent if it gives none. */
  callback?: CallbackPlace;
  /** The body that would be sent; a file shows as `upload:<field>`, or inside a `data:` URL as `inline:<field>`. */
  body: JsonObject;
  /** Absent if the price is not known. */
  price?: Price;
  /** How long a task takes according to the vendor, in milliseconds; absent if the vendor does not say. */
  expected?: { minMs: number; maxMs: number };
  /** How long result URLs live, in milliseconds; absent if the vendor says for ever. */
  resultUrlLifeMs?: number;
  /** What you should know before money is spent. */
  warnings: Warning[];
};

/** How a file reaches a vendor: inside the request, or uploaded before. */
export type FileWay = "inline" | "upload";

/** What a request is checked against beside its model. `issues` are those of the submit's own options. */
export type PlanContext = {
  /** The URL of a call as it may be shown. */
  urlOf: (call: HttpCall) => string;
  /** How a file reaches the vendor; nothing when it cannot. */
  wayOf: (file: Blob) => FileWay | undefined;
  /** The client's own prices. */
  prices?: ((request: VideoRequest) => number | undefined) | undefined;
  maxPrice?: number | undefined;
  callbackUrl?: string | undefined;
  issues?: readonly Issue[];
};

/**
 * The plan of a canonical request. Pure and synchronous.
 *
 * @throws InvalidRequestError listing everything that is wrong.
 */
export function planRequest(adapter: Adapter, request: VideoRequest, context: PlanContext): Plan<VideoRequest> {
  const checked = isUnlisted(request)
    ? checkUnlisted(adapter, request)
    : checkRequest(adapter.models, request, adapter.submit.unlisted !== undefined);
  const issues: Issue[] = [...(checked.ok ? [] : checked.issues), ...(context.issues ?? [])];
  issues.push(...filesWithoutWay(adapter, request, context.wayOf), ...illFormedTexts(request));
  const price = checked.ok ? priceOf(adapter, checked.request, context.prices, issues) : undefined;
  if (checked.ok) issues.push(...priceIssues(checked.request, price, context.maxPrice));
  const placed = checked.ok ? withPlaceholders(checked, context.wayOf) : undefined;
  const call = placed && wireCall(adapter, placed, context, issues);
  if (!checked.ok || !placed || !call || issues.length > 0)
    throw new InvalidRequestError({ vendor: adapter.vendor, phase: "plan", issues });
  const { vendor } = adapter;
  // What is asked about its task is looked at before that is paid for.
  const ref = {
    vendor,
    model: checked.request.model,
    id: "task-id",
    ...ofVariant(variantOf(adapter, checked.request)),
  };
  const { extraBody: _, ...fields } = placed;
  checkFollowUps(adapter, ref, fields);
  const expected = expectedTime(checked.row, checked.request.duration);
  const callback = context.callbackUrl === undefined ? undefined : callbackPlace(call, context.callbackUrl);
  return {
    vendor: adapter.vendor,
    request: checked.request,
    method: "POST",
    url: context.urlOf(call),
    headers: Object.keys(call.headers ?? {}).map((name) => name.toLowerCase()),
    ...(callback ? { callback } : {}),
    body: call.json ?? {},
    ...(price ? { price } : {}),
    ...(expected ? { expected } : {}),
    ...(adapter.resultUrlLifeMs === undefined ? {} : { resultUrlLifeMs: adapter.resultUrlLifeMs }),
    warnings: warningsOf(adapter, checked.row, request, price),
  };
}

/** The client's own, else that of the vendor's pages. */
function priceOf(
  adapter: Adapter,
  request: VideoRequest,
  prices: PlanContext["prices"],
  issues: Issue[],
): Price | undefined {
  let own: unknown;
  try {
    own = prices?.(request);
  } catch {
    issues.push(unreadable("prices"));
    return undefined;
  }
  if (own === undefined) return isUnlisted(request) ? undefined : vendorPrice(adapter, request);
  if (typeof own === "number" && own >= 0 && own < Infinity) return { usd: own, source: "the client's `prices`" };
  callQuietly(() => own); // a promise that rejects would end the program
  issues.push(issue("prices", "a function that gives US dollars, 0 or more, or nothing", own));
  return undefined;
}

function vendorPrice(adapter: Adapter, request: VideoRequest): Price | undefined {
  const price = given(adapter, "priceOf", () => adapter.priceOf?.(request as never));
  const must = (holds: boolean, member: string, rule: string) => {
    if (!holds) throw new WrongSpecError(adapter.vendor, `priceOf(…)${member}`, rule);
  };
  if (price === undefined) return undefined;
  must(typeof price === "object" && price !== null, "", "a price, or nothing");
  for (const [unit, amount] of Object.entries({ usd: price.usd, credits: price.credits ?? 0 }))
    must(typeof amount === "number" && amount >= 0 && amount < Infinity, `.${unit}`, "a number, 0 or more");
  must(typeof price.source === "string" && price.source !== "", ".source", "the page of the price, in words");
  return price;
}

/** Of what was asked for, not of the defaults. */
function warningsOf(adapter: Adapter, row: ModelSpec, asked: VideoRequest, price: Price | undefined): Warning[] {
  if (isUnlisted(asked)) return [uncheckedWarning(adapter, asked.model)];
  const contested: Warning[] = price?.contested
    ? [{ about: "price", kind: "contested", message: price.contested }]
    : [];
  const undocumented = undocumentedFields(row, asked).map(({ field, why }): Warning => ({
    about: field,
    kind: "experimental",
    message: why,
  }));
  const message = "what `extraBody` adds may change the price, and no page says by how much";
  const extra: Warning[] = asked.extraBody ? [{ about: "extraBody", kind: "unpriced", message }] : [];
  return [...contested, ...undocumented, ...extra];
}

/** The paid call with `extraBody` merged into it; a member that vidtask wrote itself is an issue. */
export function wireCall(
  adapter: Adapter,
  request: VideoRequest,
  { callbackUrl, token = PLAN_TOKEN }: { callbackUrl?: string | undefined; token?: string },
  issues: Issue[] = [],
): HttpCall {
  const { extraBody, ...fields } = request;
  const variant = variantOf(adapter, fields) ?? "";
  const about = { ...(callbackUrl === undefined ? {} : { callbackUrl }), token, variant };
  const call = checkedCall(adapter, "submit", writtenCall(adapter, fields, about));
  if (call.json !== undefined && !isJsonObject(call.json))
    throw new WrongSpecError(
      adapter.vendor,
      "submit.call(…).json",
      "plain JSON, without NaN, dates, URLs and functions",
    );
  if (call.form) throw new WrongSpecError(adapter.vendor, "submit.call(…).form", "absent: a submit is JSON");
  // As it will be on the wire: without the members an adapter leaves undefined.
  const json = JSON.parse(JSON.stringify(call.json ?? {})) as JsonObject;
  return { ...call, json: extraBody ? merge(json, extraBody, "extraBody", issues) : json };
}

/** The kind of task that a checked request makes, where its vendor has kinds. @throws TypeError where it cannot be one */
export function variantOf(adapter: Adapter, { extraBody: _, ...request }: VideoRequest): string | undefined {
  const variant = given(adapter, "variant", () => adapter.variant?.(request as never));
  if (adapter.variant && !isVariant(variant))
    throw new WrongSpecError(adapter.vendor, "variant(…)", "1 to 40 letters, digits or `-`");
  return variant;
}

/** The member of a ref or a row. */
export const ofVariant = (variant: string | undefined): { variant?: string } =>
  variant === undefined ? {} : { variant };

function filesWithoutWay({ models, inline }: Adapter, request: VideoRequest, wayOf: PlanContext["wayOf"]): Issue[] {
  const schema = schemaOf(models, request);
  const most = inline ? ` of at most ${inline.maxBytes} bytes, or one` : "";
  const stranded = schema ? filesIn(schema, request).filter(({ file }) => !wayOf(file)) : [];
  return stranded.map(({ path }) =>
    issue(path, `a URL, or a file${most} together with the client's \`upload\` option`),
  );
}

function priceIssues(request: VideoRequest, price: Price | undefined, maxPrice: number | undefined): Issue[] {
  if (maxPrice === undefined) return [];
  if (isUnlisted(request) && !price)
    return [
      issue("maxPrice", "left out: no price of an unlisted model is known, unless the client's `prices` says one"),
    ];
  if (request.extraBody && !isUnlisted(request))
    return [issue("maxPrice", "left out: `extraBody` may change the price, so it cannot be capped")];
  if (!price)
    return [issue("maxPrice", "left out, or the client given `prices`: the vendor prints no price for this request")];
  return price.usd <= maxPrice
    ? []
    : [issue("maxPrice", `at least ${price.usd} US dollars for this request`, maxPrice)];
}

// Before the upload a file has no URL yet; the plan shows where it will go.
function withPlaceholders({ request, row }: Checked & { ok: true }, wayOf: PlanContext["wayOf"]): VideoRequest {
  return mapMedia(row.request, request, (media, path) => {
    if (!isFile(media)) return media;
    return wayOf(media) === "inline" ? `data:${media.type};base64,inline:${path}` : `upload:${path}`;
  }) as VideoRequest;
}

function merge(base: JsonObject, extra: JsonObject, path: string, issues: Issue[]): JsonObject {
  const added = Object.entries(extra).map(([key, value]): [string, Json | undefined] => {
    const known = Object.hasOwn(base, key) ? base[key] : undefined;
    if (known === undefined) return [key, value];
    if (isObject(known) && isObject(value)) return [key, merge(known, value, `${path}.${key}`, issues)];
    issues.push(issue(`${path}.${key}`, "absent: vidtask writes this member itself"));
    return [key, known];
  });
  return Object.fromEntries([...Object.entries(base), ...added]);
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
