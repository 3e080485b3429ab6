import type { Json, JsonObject } from "../task/task.ts";
import { MEDIA_WORDS, isFile, type Media } from "../vendor-spec/media.ts";
import { unsigned } from "./media-url.ts";
import type { VideoRequest } from "./request.ts";

const encoder = new TextEncoder();

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

const sha256 = async (bytes: Uint8Array<ArrayBuffer> | ArrayBuffer): Promise<string> =>
  hex(await crypto.subtle.digest("SHA-256", bytes));

/**
 * What a journal keeps of a request: the canonical request as the caller gave it, before defaults and uploads, with
 * files as hash and length. URLs are without login, fragment and signature, which a second call has anew, and of what is left
 * of the query they have the hash: it tells one request from another, and may hold a secret.
 */
export async function journalRequest(request: VideoRequest): Promise<JsonObject> {
  const entries = Object.entries(request).filter(([word, value]) => value !== undefined && !isNothing(word, value));
  const kept = await Promise.all(
    entries.map(async ([word, value]): Promise<[string, Json]> => {
      const isMedia = (MEDIA_WORDS as readonly string[]).includes(word);
      return [word, isMedia ? await journalMedia(value as Media) : (value as Json)];
    }),
  );
  return Object.fromEntries(kept);
}

/** An `extraBody` that adds nothing is none. */
const isNothing = (word: string, value: unknown): boolean =>
  word === "extraBody" && Object.values(value ?? {}).every((member) => member === undefined);

/**
 * Names a request: the same words and media give the same hash, whatever their order. The prefix is its version: hashes of
 * different versions say nothing about each other.
 */
export const requestHash = async (kept: JsonObject): Promise<string> =>
  `v2:${await sha256(encoder.encode(JSON.stringify(sorted(kept))))}`;

async function journalMedia(value: Media): Promise<Json> {
  if (value instanceof Blob) return { sha256: await sha256(await value.arrayBuffer()), bytes: value.size };
  if (isFile(value)) return { sha256: await sha256(encoder.encode(String(value))), bytes: String(value).length };
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
