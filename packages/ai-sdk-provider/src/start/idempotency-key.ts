// The SDK's header `idempotency-key` and vidtask's idempotency key.

import { nearest } from "@vidtask/core/router";

const HEADER = "idempotency-key";

/** The longest key that a journal takes. */
const MOST = 64;

/** One of the SDK's own, made for each start: `aisdk_vid_…`, `aisdk_workflow_video_…`. */
const isOfSdk = (key: string): boolean => key.startsWith("aisdk_");

export type Key = { readonly value: string; readonly isOfCaller: boolean };

type Headers = Record<string, string | undefined> | undefined;

/** The key of a start, or nothing: a longer one than a journal takes by its SHA-256. */
export async function keyOf(headers: Headers): Promise<Key | undefined> {
  const given = keyIn(headers);
  if (given === undefined) return undefined;
  return { value: given.length > MOST ? await hashed(given) : given, isOfCaller: !isOfSdk(given) };
}

/** The header's value as it was given. */
export const keyIn = (headers: Headers): string | undefined =>
  Object.entries(headers ?? {}).find(([name, value]) => name.toLowerCase() === HEADER && value !== undefined)?.[1];

/** Headers that no vendor of vidtask is sent. */
export const otherHeaders = (headers: Headers): string[] =>
  Object.entries(headers ?? {})
    .filter(([name, value]) => value !== undefined && ![HEADER, "user-agent"].includes(name.toLowerCase()))
    .map(([name]) => name.toLowerCase());

/** A header that was meant for the key, as `x-idempotency-key` or `idempotency_key`: without it each call would be paid for. */
export const misspeltKeys = (headers: Headers): string[] =>
  otherHeaders(headers).filter((name) => /idempot|idemp.*key/.test(name) || nearest(name, [HEADER]) !== undefined);

async function hashed(key: string): Promise<string> {
  // Half a surrogate pair has no bytes of its own, so two keys would be one: core refuses it by its own rule.
  if (/\p{Cs}/u.test(key)) return key;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
  return `sha256-${btoa(String.fromCodePoint(...digest))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")}`;
}
