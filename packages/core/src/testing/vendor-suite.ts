// What the parts of the conformance suite share.
import assert from "node:assert/strict";
import type { VideoClient } from "../client/client.ts";
import type { ClientOptions } from "../context/options.ts";
import type { VideoRequest } from "../request/request.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { jumpClock } from "./jump-clock.ts";
import { stubFetch, type Seen, type Step } from "./stub-fetch.ts";

/** Documented bodies: of an accepted submit, of a task in three states, of a refused submit. */
export type VendorFixtures = Record<"accepted" | "processing" | "succeeded" | "failed" | "refused", unknown>;
/** The factory under test. */
export type Create = (options?: ClientOptions) => VideoClient;
/** What the suite needs of a vendor. */
export type DescribeVendorOptions = {
  /** A request the vendor accepts. */
  request: VideoRequest;
  /** What the stub answers with. */
  fixtures: VendorFixtures;
  /** How your test runner declares a test. @default the global `test` */
  test?: ((name: string, run: () => Promise<void>) => void) | undefined;
};
type Test = NonNullable<DescribeVendorOptions["test"]>;
export type Suite = Omit<DescribeVendorOptions, "test"> & { test: Test; create: Create };

export const KEY = "conformance-key-0123456789";

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

/** The error a promise rejects with; fails the test when it does not. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    (value) => assert.fail(`expected an error, got ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  return error;
}

/** Fails when anything that leaves the client as text holds the API key. */
export function assertNoSecret(...values: readonly unknown[]): void {
  for (const value of values) {
    const shown = value instanceof Error ? describeError(value) : JSON.stringify(value);
    assert.ok(!shown.includes(KEY), `the API key is in ${shown}`);
  }
}

const describeError = (error: Error): string =>
  [
    JSON.stringify(error),
    error.message,
    error.stack,
    error.cause instanceof Error ? describeError(error.cause) : "",
  ].join();
