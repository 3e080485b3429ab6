// What a request of the suite's client looks like on the wire.
import assert from "node:assert/strict";
import type { VideoRequest } from "../request/request.ts";
import type { Json } from "../task/task.ts";
import { mapMedia } from "../vendor-spec/media-fields.ts";
import { isFile } from "../vendor-spec/media.ts";
import type { Seen } from "./stub-fetch.ts";
import { assertNoneOf, CALLBACK, type Played, type Suite } from "./vendor-suite.ts";

/** Fails unless a request has the vendor's credentials, in their headers and nowhere else. */
export async function assertCredentials({ auth }: Suite, { context }: Played, seen: Seen | undefined): Promise<void> {
  assert.ok(seen, "nothing was sent");
  const now = context.clock.now();
  const made = await context.credentials.headers();
  if (typeof auth === "function")
    assert.notEqual(await auth(seen.headers, now), false, "`auth` found the headers wrong");
  else
    for (const [name, value] of Object.entries(auth ?? made))
      assert.equal(seen.headers.get(name), value, `the header ${name}`);
  const rest = new Headers(seen.headers);
  for (const name of Object.keys(typeof auth === "object" ? { ...made, ...auth } : made)) rest.delete(name);
  assertNoneOf(context.secrets(), [[...rest], seen.url, seen.body]);
}

/** A request with a text in the place of each file. */
export function withoutFiles({ adapter }: Suite, request: VideoRequest): VideoRequest {
  const row = adapter.models[request.model];
  const textOf = (media: unknown) => (isFile(media) ? "upload:a-file" : media);
  return row ? (mapMedia(row.request, request, textOf) as VideoRequest) : request;
}

/** Members of a plan that a submit fills: a token, the URL of a file, its bytes, a signed URL. */
const FILLED = /0{32}|upload:|inline:|signed-by-submit/;

/**
 * Fails unless a plan shows the members of the body that was sent, each with its value where it has one before anything is sent.
 * `other` is another plan, of another token: what differs is made of the token.
 */
export function assertPlanned(
  sent: Json | undefined,
  plan: Json | undefined,
  other: Json | undefined,
  at = "body",
): void {
  if (typeof plan !== "object" || plan === null) {
    const isFilled = plan !== other || (typeof plan === "string" && FILLED.test(plan));
    if (isFilled) assert.equal(typeof sent, typeof plan, `${at} was planned as a ${typeof plan}`);
    else assert.deepEqual(sent, plan, `${at} was planned otherwise`);
    return;
  }
  assert.ok(typeof sent === "object" && sent !== null, `${at} was planned as an object`);
  const members = (value: Json | undefined) => value as { readonly [member: string]: Json | undefined };
  assert.deepEqual(Object.keys(sent).toSorted(), Object.keys(plan).toSorted(), `the members of ${at}`);
  for (const member of Object.keys(plan))
    assertPlanned(members(sent)[member], members(plan)[member], members(other)?.[member], `${at}.${member}`);
}

/** The callback URL of a submit, wherever its vendor is told it. */
export function callbackUrlIn({ url, headers, body }: Seen): string {
  const texts = [body, ...new URL(url).searchParams.values(), ...[...headers].map(([, value]) => value)];
  const found = texts.flatMap((text) => new RegExp(`${CALLBACK.url}/[\\w.-]+`).exec(text) ?? []);
  assert.ok(found[0] !== undefined, "the submit told the vendor no callback URL");
  return found[0];
}
