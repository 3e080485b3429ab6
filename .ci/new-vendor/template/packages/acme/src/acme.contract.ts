// Writes contracts/vidtask-acme.json: what the client relies on, with the fixtures (composed) as the vendor's answers.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MatchersV3, PactV4 } from "@pact-foundation/pact";
import { runInteraction, type Interaction } from "@vidtask/core/testing/contract";
import { test } from "vitest";
import success from "../../../fixtures/acme/status.success.json" with { type: "json" };
import accepted from "../../../fixtures/acme/submit.accepted.json" with { type: "json" };
import body from "../../../fixtures/acme/submit.text-to-video.request.json" with { type: "json" };
import { createAcme } from "./index.ts";

const pact = new PactV4({
  consumer: "vidtask",
  provider: "acme",
  dir: fileURLToPath(new URL("../../../contracts", import.meta.url)),
  logLevel: "error",
});
const contract = (interaction: Interaction) =>
  test(interaction.name, () => runInteraction(pact, "/acme/v1", interaction));
const id = accepted.id;

contract({
  name: "acme-1, text to video",
  state: { name: "an account with credits" },
  request: { method: "POST", path: "/tasks", json: body },
  response: { status: 200, json: { ...accepted, id: MatchersV3.regex("[A-Za-z0-9_-]{1,128}", id) } },
  run: async (at) => {
    assert.equal((await createAcme(at).submit({ model: "acme-1", prompt: "a waterfall" })).id, id);
  },
});
contract({
  name: "a task that has succeeded",
  state: { name: "a task", params: { taskId: id, model: "acme-1", state: "done", resultUrl: success.url } },
  request: { method: "GET", path: `/tasks/${id}` },
  response: { status: 200, json: success },
  run: async (at) => {
    assert.equal((await createAcme(at).get({ vendor: "acme", model: "acme-1", id })).state, "succeeded");
  },
});
