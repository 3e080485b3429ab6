import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createAIVideoAPI, createApixo, createReceiver, createVidtask, createAPIModels } from "./index.ts";

const apiKey = "sk-live-0123456789";
const callback = { url: "https://app.test/cb", secret: "of thirty-two bytes or more, made up" };
const vendors = [createApixo, createAIVideoAPI, createAPIModels].map((create) => create({ apiKey, callback }));
const router = createVidtask({ vendors });

test.each([
  ["the clients", vendors],
  ["a router", router],
  ["a receiver", createReceiver({ clients: [router], onTask: () => {} })],
])("%s, printed to any depth, show no secret", (_name, value) => {
  const shown = inspect(value, { depth: null, showHidden: true, getters: true }) + JSON.stringify(value);
  expect(shown).not.toContain(apiKey);
  expect(shown).not.toContain(callback.secret);
});
