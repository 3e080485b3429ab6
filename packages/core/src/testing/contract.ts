// `@vidtask/core/testing/contract`: apart from the suites, because its types are Pact's. The real client drives Pact's mock, and what it relied on is written to a file. A response is
// built from a fixture, never typed by hand.
import type { PactV4 } from "@pact-foundation/pact";
import type { ClientOptions } from "../context/options.ts";
import type { Json, JsonObject } from "../task/task.ts";

/** The key a contract calls valid; the provider's verification puts its own in its place. */
export const VALID_KEY = "valid-key";
/** The key a contract calls unknown to the vendor. */
export const INVALID_KEY = "invalid-key";

/** One exchange of a contract: what the client sends, what the vendor's pages say comes back, and what drives it. */
export type Interaction = {
  /** Unique together with its state: a second one would silently replace the first. */
  name: string;
  /** The state the vendor must be in before: an account without credits, a task that has ended. */
  state?: { name: string; params?: { [name: string]: string | number } };
  /** Method, path, query, key and the whole JSON body are exact. */
  request: {
    method: "GET" | "POST";
    /** Beneath the base URL. */
    path: string;
    query?: Record<string, string>;
    json?: unknown;
    /** @default VALID_KEY */
    key?: string;
  };
  /** `json` is a fixture; `like` replaces values that differ from run to run by matchers, by path (`data.taskId`). */
  response: { status: number; json?: unknown; like?: Record<string, unknown> };
  /** Drives the client that was made with these options. */
  run: (options: Required<Pick<ClientOptions, "apiKey" | "baseUrl">>) => Promise<void>;
};

/** Runs one interaction against the mock; `basePath` is the path of the vendor's base URL. */
export async function runInteraction(pact: PactV4, basePath: string, interaction: Interaction): Promise<void> {
  const { name, state, request, response, run } = interaction;
  const { key = VALID_KEY } = request;
  const described = state ? pact.addInteraction().given(state.name, state.params) : pact.addInteraction();
  await described
    .uponReceiving(name)
    .withRequest(request.method, basePath + request.path, (builder) => {
      builder.headers({ authorization: `Bearer ${key}` });
      if (request.query) builder.query(request.query);
      if (request.json !== undefined) builder.headers({ "content-type": "application/json" }).jsonBody(request.json);
    })
    .willRespondWith(response.status, (builder) => {
      if (response.json !== undefined) builder.jsonBody(withMatchers(response.json as Json, response.like ?? {}));
    })
    .executeTest((mock) => run({ apiKey: key, baseUrl: mock.url + basePath }));
}

/** One callback of a contract: what the vendor's pages say it sends, and what reads it. */
export type CallbackMessage = {
  /** Unique together with its state. */
  name: string;
  /** The state the vendor must be in before. */
  state: NonNullable<Interaction["state"]>;
  /** A fixture, and matchers for what differs from run to run, as in an interaction. */
  json: unknown;
  like?: Record<string, unknown>;
  /** Reads the body as the client does. */
  read: (body: unknown) => void;
};

/** Says what the client relies on in a callback's body; the vendor's side sends it. */
export async function runCallback(
  pact: PactV4,
  { name, state, json, like = {}, read }: CallbackMessage,
): Promise<void> {
  await pact
    .addAsynchronousInteraction()
    .given(state.name, state.params)
    .expectsToReceive(name, (builder) => {
      builder.withJSONContent(withMatchers(json as Json, like)).withMetadata({ "content-type": "application/json" });
    })
    .executeTest(async ({ contents }) => read(contents.content));
}

/** A copy of a fixture with matchers at the given paths. @throws Error for a path the fixture does not have */
function withMatchers(fixture: Json, like: Record<string, unknown>): unknown {
  const copy = structuredClone(fixture) as unknown;
  for (const [path, matcher] of Object.entries(like)) {
    const parts = path.split(".");
    const last = parts.pop() ?? "";
    const parent = parts.reduce((node, part) => (node as JsonObject | undefined)?.[part], copy as Json | undefined);
    if (typeof parent !== "object" || parent === null || !(last in parent))
      throw new Error(`the fixture has no ${path} to match`);
    (parent as Record<string, unknown>)[last] = matcher;
  }
  return copy;
}
