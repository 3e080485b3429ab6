// The durable `generateVideo` of @ai-sdk/workflow. Its runtime, `workflow`, is stood in for: a webhook, and the name of a step.
import { registerHooks } from "node:module";
import { createApixo } from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import { expect, test } from "vitest";
import { createVidtaskProvider, VidtaskVideoModel } from "./index.ts";
import { durable } from "./test/set-up.ts";

const standIn = `
export const createWebhook = () => globalThis.vidtaskTestWebhook();
export const getStepMetadata = () => ({ stepId: "step_01K" });`;
registerHooks({
  resolve: (name, context, next) =>
    name === "workflow"
      ? { url: `data:text/javascript,${encodeURIComponent(standIn)}`, format: "module", shortCircuit: true }
      : next(name, context),
});
const { experimental_generateVideo: generateVideo } = await import("@ai-sdk/workflow/video");

type Serde = { [name: symbol]: (value: unknown) => unknown };

function inWorkflow(prompt: string) {
  const url = "https://app.test/.well-known/workflow/v1/webhook/token-1";
  let came = () => {};
  const called = new Promise<void>((resolve) => (came = resolve));
  const emulator = createEmulator({
    clock: "manual",
    deliverCallback: async () => {
      came();
      return new Response(null, { status: 200 });
    },
  });
  const webhook = Object.assign(called, { url, [Symbol.dispose]: () => {} });
  Object.assign(globalThis, { vidtaskTestWebhook: () => webhook });
  const client = createApixo({ ...emulator.for("apixo"), journal: durable() });
  const model = createVidtaskProvider({ client, name: "of-a-workflow" }).video("kling-2-6");
  // As the runtime hands it to a step.
  const serde = VidtaskVideoModel as unknown as Serde;
  const text = JSON.stringify(serde[Symbol.for("workflow-serialize")]?.(model));
  const crossed = serde[Symbol.for("workflow-deserialize")]?.(JSON.parse(text)) as VidtaskVideoModel;
  const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").length;
  const make = async () => emulator.clock.until(generateVideo({ model: crossed, prompt }));
  return { emulator, make, charges, came: () => came() };
}

test("a workflow's video comes by its webhook, as an address, for one charge", async () => {
  const { make, charges } = inWorkflow("a waterfall");
  const made = await make();
  expect(made).toMatchObject({ status: "completed", videos: [{ type: "url", mediaType: "video/mp4" }] });
  expect(charges()).toBe(1);
});

test("a step that runs again, after a crash, is the same video: the step's name is the key", async () => {
  const { make, charges } = inWorkflow("a waterfall");
  const first = await make();
  const second = await make();
  expect(second.videos).toEqual(first.videos);
  expect(charges()).toBe(1);
});

test("a callback that is early does not end it, nor do faults while its one status waits", async () => {
  const { emulator, make, came } = inWorkflow("a waterfall");
  emulator.injectFault({ on: "poll", kind: "503", times: 3 });
  came();
  expect(await make()).toMatchObject({ status: "completed" });
});

test("a failed task is the workflow's error, with its reason", async () => {
  const { make } = inWorkflow("[fail:CONTENT_VIOLATION] a waterfall");
  await expect(make()).rejects.toThrow(/content_rejected/);
});
