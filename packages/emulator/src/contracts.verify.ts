// Plays every committed contract against the emulator. Pact passes when it verified nothing and only warns of a state
// without a handler, so both are counted here.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Verifier } from "@pact-foundation/pact";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEmulator, type EmulatorServer } from "./index.ts";
import { plant, type Planted } from "./plant.ts";

type Contract = {
  provider: { name: string };
  interactions: { type: string; description: string; providerStates?: { name: string }[] }[];
};

const folder = new URL("../../../contracts/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

test("there are contracts to verify", () => expect(files).not.toEqual([]));

describe.each(files)("%s", (file) => {
  const path = fileURLToPath(new URL(file, folder));
  const { provider, interactions } = JSON.parse(readFileSync(path, "utf8")) as Contract;
  const vendor = provider.name;
  const emulator = createEmulator({ vendors: [vendor], clock: "manual" });
  let server: EmulatorServer;
  beforeAll(async () => void (server = await emulator.listen()));
  afterAll(() => server.close());

  const put = (planted: Omit<Planted, "vendor">) => Promise.resolve(plant(emulator, { vendor, ...planted }));
  const stateHandlers: Record<string, (parameters?: unknown) => Promise<void>> = {
    "an account with credits": () => put({ credits: 100 }),
    "an account without credits": () => put({ credits: 0 }),
    "the rate limit is reached": () => put({ rateLimited: true }),
    "a task": (parameters) => put({ task: parameters as NonNullable<Planted["task"]> }),
  };

  test("every state has a handler, and every handler a state", () => {
    const named = interactions.flatMap(({ providerStates = [] }) => providerStates.map(({ name }) => name));
    expect(Object.keys(stateHandlers).toSorted()).toEqual([...new Set(named)].toSorted());
  });

  test("every interaction is what the emulator does", async () => {
    let verified = 0;
    const undocumented: unknown[] = [];
    await new Verifier({
      provider: vendor,
      pactUrls: [path],
      providerBaseUrl: server.url,
      stateHandlers,
      logLevel: "error",
      beforeEach: async () => {
        verified++;
        emulator.reset();
      },
      afterEach: async () => {
        undocumented.push(...emulator.requests.flatMap((request) => request.undocumented ?? []));
      },
      // The contract's valid key stands for the emulator's own; any other key goes through as it is.
      requestFilter: ({ headers }: { headers: Record<string, unknown> }, _response: unknown, next: () => void) => {
        if (headers["authorization"] === "Bearer valid-key")
          headers["authorization"] = `Bearer ${emulator.for(vendor).apiKey}`;
        next();
      },
    }).verifyProvider();
    expect(verified).toBe(interactions.length);
    // A contract cannot say "and nothing else": the emulator names what no page documents.
    expect(undocumented).toEqual([]);
  });
});
