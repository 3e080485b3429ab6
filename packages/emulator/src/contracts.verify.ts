// Plays every committed contract against the emulator. Pact passes when it verified nothing and only warns of a state
// without a handler, so both are counted here. All vendors share the handlers; what one of them means is the vendor's.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Verifier } from "@pact-foundation/pact";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callbackOf, setState, type GivenState } from "./given-state.ts";
import { createEmulator, type Emulator, type EmulatorServer } from "./index.ts";

type Contract = {
  provider: { name: string };
  interactions: { type: string; description: string; providerStates?: { name: string }[] }[];
};

const folder = new URL("../../../contracts/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

const contracts = files.map((file) => {
  const path = fileURLToPath(new URL(file, folder));
  const { provider, interactions } = JSON.parse(readFileSync(path, "utf8")) as Contract;
  const states = new Set(interactions.flatMap(({ providerStates = [] }) => providerStates.map(({ name }) => name)));
  return { file, path, vendor: provider.name, interactions, states };
});

/** What is planted for each state; the parameters are those of the contract. */
const STATES: Record<string, (parameters: unknown) => Omit<GivenState, "vendor">> = {
  "an account with credits": () => ({ credits: 100 }),
  "an account without credits": () => ({ credits: 0 }),
  "the rate limit is reached": () => ({ rateLimited: true }),
  "the spend limit is reached": () => ({ settings: { spendLimit: { total: 0 } } }),
  "the address is not allowed": () => ({ settings: { allowedIps: ["203.0.113.7"] } }),
  "the vendor is broken": () => ({ outage: 500 }),
  "the upstream is down": () => ({ outage: 503 }),
  "a task": (parameters) => ({ task: parameters as NonNullable<GivenState["task"]> }),
};

type Message = { providerStates?: { params?: { taskId?: string } }[] };
/** The callback a contract's message stands for: that of the task its state has planted. */
const callbacksOf = (emulator: Emulator, vendor: string, { interactions }: Pick<Contract, "interactions">) =>
  Object.fromEntries(
    interactions
      .filter(({ type }) => type === "Asynchronous/Messages")
      .map(({ description }) => [
        description,
        async ({ providerStates = [] }: Message) => {
          const taskId = providerStates[0]?.params?.taskId ?? "";
          const request = callbackOf(emulator, { vendor, taskId });
          const contentType = request.headers.get("content-type") ?? "";
          return { __pactMessageMetadata: { "content-type": contentType }, message: (await request.json()) as object };
        },
      ]),
  );

const handlersOf = (emulator: Emulator, vendor: string) =>
  Object.fromEntries(
    Object.entries(STATES).map(([state, given]) => [
      state,
      (parameters: unknown) => Promise.resolve(setState(emulator, { vendor, ...given(parameters) })),
    ]),
  );

test("there are contracts to verify", () => expect(files).not.toEqual([]));

test("every handler is for a state of some contract", () => {
  const named = new Set(contracts.flatMap(({ states }) => [...states]));
  expect(Object.keys(STATES).filter((state) => !named.has(state))).toEqual([]);
});

describe.each(contracts)("$file", ({ path, vendor, interactions, states }) => {
  const emulator = createEmulator({ vendors: [vendor], clock: "manual" });
  let server: EmulatorServer;
  beforeAll(async () => void (server = await emulator.listen()));
  afterAll(() => server.close());

  test("every state has a handler", () => {
    expect([...states].filter((state) => !Object.hasOwn(STATES, state))).toEqual([]);
  });

  test("every interaction is what the emulator does", async () => {
    let verified = 0;
    const undocumented: unknown[] = [];
    await new Verifier({
      provider: vendor,
      pactUrls: [path],
      providerBaseUrl: server.url,
      stateHandlers: handlersOf(emulator, vendor),
      messageProviders: callbacksOf(emulator, vendor, { interactions }),
      logLevel: "error",
      beforeEach: async () => {
        verified++;
        emulator.reset();
      },
      afterEach: async () => {
        undocumented.push(...emulator.requests.flatMap((request) => request.undocumented ?? []));
      },
      // The contract's valid key, with a vendor's prefix, stands for the emulator's own; any other goes through as it is.
      requestFilter: ({ headers }: { headers: Record<string, unknown> }, _response: unknown, next: () => void) => {
        if (/^Bearer (sk[-_])?valid-key$/.test(String(headers["authorization"])))
          headers["authorization"] = `Bearer ${emulator.for(vendor).apiKey}`;
        next();
      },
    }).verifyProvider();
    expect(verified).toBe(interactions.length);
    // A contract cannot say "and nothing else": the emulator names what no page documents.
    expect(undocumented).toEqual([]);
  });
});
