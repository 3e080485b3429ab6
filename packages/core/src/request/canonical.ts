import type * as z from "zod/mini";
import { CANONICAL, mapMedia } from "../vendor-spec/media-fields.ts";
import { normalMedia } from "../vendor-spec/media.ts";
import type { ModelSpecs } from "../vendor-spec/models.ts";
import { isJsonObject, type VideoRequest } from "./request.ts";
import { snapshot } from "./snapshot.ts";

/**
 * A request as it counts, for its checks, its hash and its sending: a copy that its caller cannot change, without what is
 * absent (`undefined`, `null`, an `extraBody` that adds nothing), with media as they are sent. What is no request at all stays
 * as it is, to be refused.
 */
export function canonicalRequest(request: VideoRequest, models: ModelSpecs = {}): VideoRequest {
  if (typeof request !== "object" || request === null || Array.isArray(request)) return request;
  const entries = Object.entries(snapshot(request)).filter(
    ([word, value]) => value !== undefined && value !== null && !(word === "extraBody" && addsNothing(value)),
  );
  const kept = mapMedia(CANONICAL, Object.fromEntries(entries), normalMedia) as VideoRequest;
  const schema = schemaOf(models, kept);
  return schema ? (mapMedia(schema, kept, normalMedia) as VideoRequest) : kept;
}

/** The schema of the model that a request names, when there is one. */
export const schemaOf = (models: ModelSpecs, request: VideoRequest): z.ZodMiniObject | undefined => {
  const { model } = request ?? {};
  return typeof model === "string" && Object.hasOwn(models, model) ? models[model]?.request : undefined;
};

const addsNothing = (extraBody: unknown): boolean =>
  isJsonObject(extraBody) && Object.values(extraBody).every((member) => member === undefined);
