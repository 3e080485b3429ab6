// Models that a description does not list: asked for on purpose, and sent in the vendor's own words.
import { nearest } from "../task/check-options.ts";
import type { Warning } from "../task/events.ts";
import { issue, requiredIssue, type Issue } from "../task/issue.ts";
import type { JsonObject } from "../task/task.ts";
import { given, type HttpCall } from "../vendor-spec/call.ts";
import { requestSchema, type ModelSpec } from "../vendor-spec/models.ts";
import { isModelName, type Adapter, type SubmitAbout } from "../vendor-spec/spec.ts";
import { isJsonObject, type Checked, type VideoRequest } from "./request.ts";

/** What is asked of a model that this version does not list. */
export type UnlistedRequest = {
  /** The vendor's id of the model. */
  model: string;
  /** The fields of the vendor's body, under the vendor's own names; vidtask writes the model and the callback URL. */
  extraBody: JsonObject;
};

/**
 * A request to a model that this version does not list, typed as any request of the client it is given to; in JSON it is
 * `{ model, unlisted: true, extraBody }`. What is lost: no field is checked, no file is uploaded, there is no price and no expected
 * time, so `maxPrice` and `budget` refuse it unless the client's own `prices` know one. It is paid for at most once, journaled, waited
 * for and downloaded as any other, but never chosen by a router. Without `unlisted` an id that is not listed is refused.
 *
 * `client.submit` throws an InvalidRequestError at `unlisted` where the vendor's description cannot write such a request.
 */
export const unlistedModel = <R extends VideoRequest = VideoRequest>({ model, extraBody }: UnlistedRequest): R =>
  ({ model, unlisted: true, extraBody }) as unknown as R;

export const isUnlisted = (request: unknown): boolean =>
  typeof request === "object" && request !== null && (request as VideoRequest).unlisted !== undefined;

/** Nothing is known of it. */
const ROW: ModelSpec = { request: requestSchema({}), source: "no page" };

/** Checks the little that can be checked of a canonical request to a model that is not listed. */
export function checkUnlisted(adapter: Adapter, request: VideoRequest): Checked {
  const { model, unlisted, extraBody, ...others } = request;
  const issues: Issue[] = Object.keys(others).map((field) =>
    issue(field, "left out: of an unlisted model `extraBody` has all fields, under the vendor's own names"),
  );
  if (unlisted !== true) issues.push(issue("unlisted", "true, or absent", unlisted));
  if (!adapter.submit.unlisted)
    issues.push(
      issue("unlisted", `left out: ${adapter.vendor}'s description writes requests of its listed models only`),
    );
  const rule = `${adapter.vendor}'s id of a model: 1 to 128 letters, digits, \`.\`, \`_\`, \`-\` or \`/\``;
  if (model === undefined) issues.push(requiredIssue("model", rule));
  else if (typeof model !== "string" || !isModelName(adapter, model)) issues.push(issue("model", rule, model));
  if (extraBody === undefined)
    issues.push(requiredIssue("extraBody", "the fields of the vendor's body, under its own names"));
  else if (!isJsonObject(extraBody)) issues.push(issue("extraBody", "a plain JSON object"));
  if (issues.length > 0 || extraBody === undefined) return { ok: false, issues };
  const plain = JSON.parse(JSON.stringify(extraBody)) as JsonObject;
  return { ok: true, row: ROW, request: { model, unlisted: true, extraBody: plain } };
}

/** What a plan says of it. */
export function uncheckedWarning({ vendor, models }: Adapter, model: string): Warning {
  const meant = nearest(model, Object.keys(models));
  const hint = Object.hasOwn(models, model)
    ? "; this version lists it: without `unlisted` it is checked"
    : meant === undefined
      ? ""
      : `; should it be ${meant}, which is listed?`;
  const lost = "no field is checked, no file uploaded, and neither its price nor its time is known";
  return { about: "model", kind: "unchecked", message: `${vendor} ${model} is sent as you wrote it: ${lost}${hint}` };
}

/** The paid call as its description writes it. */
export function writtenCall(adapter: Adapter, request: VideoRequest, about: SubmitAbout): HttpCall {
  const { submit } = adapter;
  if (!isUnlisted(request)) return given(adapter, "submit.call", () => submit.call(request as never, about));
  const { model } = request;
  return given(adapter, "submit.unlisted", () => submit.unlisted?.({ model }, about) as HttpCall);
}
