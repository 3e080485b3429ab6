// What the parts of the conformance suite share.
import assert from "node:assert/strict";
import type { VideoClient } from "../client/client.ts";
import { settingsOf } from "../client/members.ts";
import { contextOf } from "../context/context.ts";
import type { ClientContext } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import type { VideoRequest } from "../request/request.ts";
import type { VidtaskEvent } from "../task/events.ts";
import type { AuthHeaders } from "../vendor-spec/call.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { jumpClock } from "./jump-clock.ts";
import { answer, stubFetch, type Seen, type Step } from "./stub-fetch.ts";
import type { Answered, VendorFixtures } from "./vendor-fixtures.ts";

/** The factory under test. */
export type Create = (options?: ClientOptions) => VideoClient;

/** What the suite needs of a vendor. */
export type DescribeVendorOptions = {
  /** A request the vendor accepts. */
  request: VideoRequest;
  /** What the stub answers with. */
  fixtures: VendorFixtures;
  /** The client's secrets by the names of the spec's `secrets`. @default all of them, made up */
  secrets?: { readonly [option: string]: string } | undefined;
  /**
   * The headers that carry the credentials, as the vendor's pages say: by name and value, or a function that looks at all
   * headers of a call and throws, or returns `false`, where they are wrong. @default what the spec's `auth` makes of `secrets`, at the
   * time of the call
   */
  auth?: AuthHeaders | ((headers: Headers, now: number) => boolean | void | Promise<boolean | void>) | undefined;
  /** Of a spec with `callback.verify`: the headers with which the vendor signs this body at this time, in ms. */
  sign?:
    | ((
        body: string,
        secrets: { readonly [option: string]: string },
        now: number,
      ) => { readonly [header: string]: string } | Promise<{ readonly [header: string]: string }>)
    | undefined;
  /** How your test runner declares a test. @default the global `test` */
  test?: ((name: string, run: () => Promise<void>) => void) | undefined;
};
type Test = NonNullable<DescribeVendorOptions["test"]>;
export type Suite = Omit<DescribeVendorOptions, "test" | "secrets"> & {
  test: Test;
  create: Create;
  adapter: Adapter;
  secrets: { readonly [option: string]: string };
};

export const KEY = "conformance-key-0123456789";

/** Secrets of every name that the vendor has; an empty one counts as missing, whatever the environment says. */
export const madeUpSecrets = ({ secrets }: Pick<Adapter, "secrets">): { [option: string]: string } =>
  Object.fromEntries(
    Object.keys(secrets).map((option) => [option, option === "apiKey" ? KEY : `conformance-${option}-0123456789`]),
  );

export type StubbedClient = { client: VideoClient; seen: Seen[]; events: VidtaskEvent[]; posts: () => number };

/** A client over a stub, with time that jumps. */
export function stubbedClient(
  { create }: Pick<Suite, "create">,
  steps: readonly Step[],
  options: ClientOptions = {},
): StubbedClient {
  const { fetch, seen } = stubFetch(...steps);
  const events: VidtaskEvent[] = [];
  const onEvent = (event: VidtaskEvent) => void events.push(event);
  const client = create({ apiKey: KEY, fetch, clock: jumpClock(), onEvent, ...options });
  return { client, seen, events, posts: () => seen.filter(({ method }) => method === "POST").length };
}

/** Where the client of a suite is called back. */
export const CALLBACK = { url: "https://app.test/hook", secret: "0123456789abcdef0123456789abcdef" };

/** A client of the vendor over a stub: what one question is answered with is one list of steps. */
export type Played = {
  client: VideoClient;
  context: ClientContext;
  events: VidtaskEvent[];
  /** All requests but those that bring files to their places. */
  seen: Seen[];
  /** The paid ones among them. */
  paid: () => Seen[];
  /** What comes from here on; the last is repeated. */
  play: (...turns: (readonly Step[])[]) => void;
};

export function played(suite: Suite, turns: readonly (readonly Step[])[], options: ClientOptions = {}): Played {
  let left: (readonly Step[])[] = [...turns];
  let at = 0;
  const turn: Step = (seen) => {
    const [steps = [], ...others] = left;
    const step = steps[at++];
    if (!step) throw new Error("the stub has no step");
    if (at === steps.length) {
      at = 0;
      if (others.length > 0) left = others;
    }
    return step(seen);
  };
  const all: Seen[] = [];
  const placing = { of: (_: Seen): Step | undefined => undefined };
  const { fetch } = stubFetch((seen) => {
    const step = placing.of(seen);
    if (!step) all.push(seen);
    return (step ?? turn)(seen);
  });
  const events: VidtaskEvent[] = [];
  const onEvent = (event: VidtaskEvent) => void events.push(event);
  const client = suite.create({ ...suite.secrets, fetch, clock: jumpClock(), onEvent, ...options } as ClientOptions);
  const context = contextOf(settingsOf(client));
  placing.of = (seen) => placingStep(suite, context, seen);
  const paidAt = placeOf(client.plan(suite.request).url);
  const isPaid = ({ method, url }: Seen) => method === "POST" && placeOf(url) === paidAt;
  const play = (...next: (readonly Step[])[]) => void ((left = next), (at = 0));
  return { client, context, events, seen: all, paid: () => all.filter(isPaid), play };
}

/** A URL without its query, which may hold a callback's, and without the token of a submit. */
const placeOf = (url: string): string => url.replace(/[?#].*/s, "").replace(/[0-9a-f]{32}/g, "token");

/** The answer to what brings a file to its place; nothing for any other request. */
function placingStep({ adapter, fixtures }: Suite, context: ClientContext, seen: Seen): Step | undefined {
  const { upload } = adapter;
  if (!upload || fixtures.upload === undefined) return undefined;
  const file = new Blob(["x"], { type: "image/png" });
  const calls = [upload.call({ name: "x.png", type: file.type, size: file.size }, file), upload.form?.(file, "x.png")];
  const urls = calls.flatMap((call) => (call ? [placeOf(context.urlOf(call))] : []));
  if (urls.includes(placeOf(seen.url))) return answer(200, fixtures.upload);
  const { put, post } = upload.read(fixtures.upload);
  const isStorage = [put, post?.url].some((url) => url !== undefined && new URL(url).href === seen.url);
  return isStorage ? answer(200) : undefined;
}

/** The steps that give these answers. */
export const stepsOf = (answers: readonly Answered[]): readonly Step[] =>
  answers.map(({ status, body }) => answer(status, body));

/** The error a promise rejects with; fails the test when it does not. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    (value) => assert.fail(`expected an error, got ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  return error;
}

/** Fails when anything that leaves the client as text holds the API key. */
export const assertNoSecret = (...values: readonly unknown[]): void => assertNoneOf([KEY], values);

/** Fails when anything that leaves the client as text holds one of these. */
export function assertNoneOf(secrets: readonly string[], values: readonly unknown[]): void {
  for (const value of values) {
    const shown = value instanceof Error ? describeError(value) : JSON.stringify(value);
    for (const secret of secrets) assert.ok(!shown.includes(secret), `the secret ${secret} is in ${shown}`);
  }
}

const describeError = (error: Error): string =>
  [
    JSON.stringify(error),
    error.message,
    error.stack,
    error.cause instanceof Error ? describeError(error.cause) : "",
  ].join();
