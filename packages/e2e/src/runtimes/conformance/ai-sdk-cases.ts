// The AI SDK's own functions over the provider, on the runtime that it runs on.
import assert from "node:assert/strict";
import { createVidtaskProvider, vidtaskErrorOf } from "@vidtask/ai-sdk-provider";
import type { VendorName } from "@vidtask/bench/vendors";
import {
  experimental_generateVideo as generateVideo,
  experimental_getVideoStatus as getVideoStatus,
  experimental_startVideo as startVideo,
} from "ai";
import { memoryJournal } from "vidtask";
import { errorOf, setupFor, type EmulatorAccess, type Test } from "./setup.ts";

export function aiSdkCases(vendor: VendorName, emulator: EmulatorAccess, test: Test): void {
  const { client, request } = setupFor(vendor, emulator);
  /** What a call of the SDK's is made of; its key is in its prompt, as the emulator's judge wants it. */
  function called(name: string, words = "") {
    const key = `${vendor}-ai-sdk-${name}`;
    const { model: modelId, prompt: text = "", image, duration } = request(key, words);
    const over = client({ journal: { ...memoryJournal(), durable: true } });
    const provider = createVidtaskProvider({ client: over, name: key });
    const prompt = image === undefined ? text : { text, image: image as string };
    const call = { prompt, duration: duration as number, headers: { "idempotency-key": key } };
    return { provider, key, call: { ...call, model: provider.video(modelId), poll: { intervalMs: 20 } } };
  }

  test("generateVideo: polls that fail pass, the whole video comes, and the same key costs nothing more", async () => {
    const { call, key } = called("whole", "[poll:503] [poll:html-200]");
    for (let calls = 0; calls < 2; calls++) {
      const { video, providerMetadata } = await generateVideo(call);
      assert.equal(new TextDecoder("latin1").decode(video.uint8Array.slice(4, 8)), "ftyp");
      assert.equal((providerMetadata["vidtask"] as { idempotencyKey?: string }).idempotencyKey, key);
    }
  });

  test("startVideo here, getVideoStatus by the text of its operation over a model that crossed", async () => {
    const { call, provider } = called("crossed");
    const { poll: _, model, ...start } = call;
    const operation = JSON.stringify((await startVideo({ ...start, model })).operation);
    type Serde = { [name: symbol]: (value: unknown) => unknown };
    const kind = model.constructor as unknown as Serde;
    const text = JSON.stringify(kind[Symbol.for("workflow-serialize")]?.(model));
    const crossed = kind[Symbol.for("workflow-deserialize")]?.(JSON.parse(text)) as ReturnType<typeof provider.video>;
    for (;;) {
      const status = await getVideoStatus(crossed, { operation });
      if (status.status === "completed") return void assert.equal(status.videos[0]?.type, "url");
      assert.equal(status.status, "pending");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  test("an answer that is lost is not sent again, and the error has key, code and billed", async () => {
    const { call, key } = called("lost", "[fault:reset-after-accept]");
    const error = vidtaskErrorOf(await errorOf(generateVideo(call)));
    assert.deepEqual([error?.code, error?.billed, error?.idempotencyKey], ["submit_unknown", "unknown", key]);
  });

  test("what a model does not take is refused before anything is sent", async () => {
    const { call } = called("refused");
    const error = vidtaskErrorOf(await errorOf(generateVideo({ ...call, resolution: "3x3" })));
    assert.equal(error?.code, "invalid_request");
  });
}
