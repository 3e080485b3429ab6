import type * as z from "zod/mini";
import type { Json, JsonObject } from "../task/task.ts";
import { isDataUrl } from "../vendor-spec/data-url.ts";
import { CANONICAL, mapMedia } from "../vendor-spec/media-fields.ts";
import { isFile, type Media } from "../vendor-spec/media.ts";
import { isHttpUrl } from "../vendor-spec/wire.ts";
import { unsigned } from "./media-url.ts";
import type { VideoRequest } from "./request.ts";
import { isUnlisted } from "./unlisted.ts";

const encoder = new TextEncoder();

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const sha256 = async (bytes: Uint8Array<ArrayBuffer> | ArrayBuffer): Promise<string> =>
  hex(await crypto.subtle.digest("SHA-256", bytes));

/**
 * What a journal keeps of a request: the canonical request as the caller gave it, before defaults and uploads, with
 * files as hash and length. URLs are without login, fragment and signature, which a second call has anew, and of what is left
 * of the query they have the hash: it tells one request from another, and may hold a secret.
 */
export async function journalRequest(request: VideoRequest, schema?: z.core.$ZodType): Promise<JsonObject> {
  const places: [path: string, media: Media][] = [];
  const find = (media: Media, path: string) => (places.push([path, media]), media);
  mapMedia(CANONICAL, request, find);
  if (schema) mapMedia(schema, request, find);
  const kept = new Map(
    await Promise.all(
      [...new Map(places)].map(async ([path, media]): Promise<[string, Json]> => [path, await journalMedia(media)]),
    ),
  );
  const keep = (media: unknown, path: string) => kept.get(path) ?? media;
  const canonical = mapMedia(CANONICAL, request, keep);
  const all = (schema ? mapMedia(schema, canonical, keep) : canonical) as JsonObject;
  // No schema says where the media of an unlisted model are.
  return isUnlisted(request) ? { ...all, extraBody: (await journalTexts(request.extraBody)) ?? null } : all;
}

/** A text above this is bytes in base64, not words. */
const MAX_TEXT = 4096;

async function journalTexts(value: Json | undefined): Promise<Json | undefined> {
  if (typeof value === "string") {
    if (isHttpUrl(value)) return journalMedia(value);
    if (!isDataUrl(value) && value.length <= MAX_TEXT) return value;
    const bytes = encoder.encode(value);
    return { sha256: await sha256(bytes), bytes: bytes.length };
  }
  if (Array.isArray(value)) return Promise.all(value.map(async (one: Json) => (await journalTexts(one)) ?? null));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value as JsonObject).map(async ([name, one]) => [name, await journalTexts(one)]);
  return Object.fromEntries(await Promise.all(members)) as JsonObject;
}

/**
 * Names a request: the same words and media give the same hash, whatever their order. The prefix is its version: hashes of
 * different versions say nothing about each other.
 */
export const requestHash = async (kept: JsonObject): Promise<string> =>
  `v2:${await sha256(encoder.encode(JSON.stringify(sorted(kept))))}`;

async function journalMedia(value: Media): Promise<Json> {
  if (isFile(value)) return { sha256: await sha256(await value.arrayBuffer()), bytes: value.size };
  const { place, query } = unsigned(String(value));
  return query === "" ? place : `${place}?${await sha256(encoder.encode(query))}`;
}

function sorted(value: Json | undefined): Json {
  if (typeof value !== "object" || value === null) return value ?? null;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as JsonObject).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}
