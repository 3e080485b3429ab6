// A contract of one's own vendor, with Pact installed, and its fuzzing, with fast-check.
import { PactV4 } from "@pact-foundation/pact";
import { createApixo } from "@vidtask/apixo";
import { INVALID_KEY, runCallback, runInteraction, VALID_KEY, type Interaction } from "@vidtask/core/testing/contract";
import { fuzzVendor } from "@vidtask/core/testing/fuzz";

const pact = new PactV4({ consumer: "mine", provider: "apixo" });
const interaction: Interaction = {
  name: "a balance",
  request: { method: "GET", path: "/apikeys/current-balance", key: INVALID_KEY },
  response: { status: 200, json: { code: 200, data: 74.87 }, like: { data: 1 } },
  run: async (options) => void (await createApixo(options).balance?.()),
};

export const written = runInteraction(pact, "/api/v1", interaction);
export const read = runCallback(pact, { name: "a callback", state: { name: "a task" }, json: {}, read: () => {} });
export const key: "valid-key" = VALID_KEY;

fuzzVendor(createApixo, [{ code: 200 }], { request: { model: "kling-2-6", prompt: "x" }, test: () => {} });
