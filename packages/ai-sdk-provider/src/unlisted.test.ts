// A model that this version does not list, by the SDK's own functions.
import { NoSuchModelError } from "@ai-sdk/provider";
import { createApixo } from "@vidtask/apixo";
import { experimental_generateVideo as generateVideo, experimental_startVideo as startVideo } from "ai";
import { createVidtask } from "vidtask";
import { expect, test } from "vitest";
import { createVidtaskProvider, VidtaskVideoModel } from "./index.ts";
import { setUp } from "./test/set-up.ts";

const prompt = "a waterfall";
/** What the vendor documents for a model that it has, written by hand. */
const extraBody = { input: { mode: "text-to-video", prompt, duration: 5, sound: false } };

function unlisted(modelId = "kling-2-6", more: Parameters<typeof setUp>[1] = {}) {
  const set = setUp("apixo", more);
  return { ...set, model: set.provider.unlistedVideo(modelId) };
}

test("the body goes out as it was written; the video is paid for once, and comes whole", async () => {
  const { emulator, model, poll, charges } = unlisted();
  const call = {
    model,
    prompt,
    poll,
    providerOptions: { apixo: { extraBody } },
    headers: { "idempotency-key": "row-1" },
  };
  for (let calls = 0; calls < 2; calls++) {
    const { video, warnings } = await emulator.clock.until(generateVideo(call));
    expect(new TextDecoder("latin1").decode(video.uint8Array.slice(4, 8))).toBe("ftyp");
    expect(warnings).toEqual([{ type: "other", message: expect.stringContaining("no field is checked") }]);
  }
  expect(charges()).toBe(1);
  expect(emulator.requests.find(({ method }) => method === "POST")?.body).toEqual({
    request_type: "async",
    ...extraBody,
  });
});

test("it crosses to another process as what it is", () => {
  type Serde = { [name: symbol]: (value: unknown) => unknown };
  const kind = VidtaskVideoModel as unknown as Serde;
  const { model } = unlisted("kling-99");
  const text = JSON.stringify(kind[Symbol.for("workflow-serialize")]?.(model));
  expect(JSON.parse(text)).toEqual({ provider: "apixo", modelId: "kling-99", isUnlisted: true });
  const crossed = kind[Symbol.for("workflow-deserialize")]?.(JSON.parse(text));
  expect(crossed).toMatchObject({ modelId: "kling-99", isUnlisted: true });
});

type Call = Partial<Parameters<typeof startVideo>[0]>;
const own = (vidtask: object) => ({ providerOptions: { vidtask } }) as Call;
test.each<[string, Call, string]>([
  ["no body", {}, "providerOptions.vidtask.extraBody"],
  ["a body that is none", own({ extraBody: "x" }), "providerOptions.vidtask.extraBody"],
  ["a prompt that would be lost", { prompt: "another" }, "prompt"],
  ["an image that would be lost", { prompt: { text: prompt, image: "https://x.test/a.png" } as never }, "image"],
  ["a length that would be lost", { duration: 5 }, "duration"],
  ["a seed that would be lost", { seed: 0 }, "seed"],
  ["a field in vidtask's words", own({ extraBody, negativePrompt: "blur" }), "providerOptions.vidtask.negativePrompt"],
  ["fields to drop", own({ extraBody, dropFields: ["seed"] }), "providerOptions.vidtask.dropFields"],
  ["a price that nobody knows", own({ extraBody, maxPrice: 9 }), "providerOptions.vidtask.maxPrice"],
])("%s is refused by its path, and nothing is sent", async (_, call, path) => {
  const { emulator, model, posts } = unlisted();
  const options = {
    model,
    prompt,
    providerOptions: path === "providerOptions.vidtask.extraBody" ? {} : { vidtask: { extraBody } },
    ...call,
  };
  const error = await emulator.clock.until(startVideo(options)).catch((thrown: unknown) => thrown);
  expect((error as { issues?: { path: string }[] }).issues?.map((one) => one.path)).toEqual([path]);
  expect(posts()).toBe(0);
});

test("the client's own price caps it", async () => {
  const { emulator, model, charges } = unlisted("kling-2-6", { prices: () => 0.4 });
  const start = (maxPrice: number) =>
    emulator.clock.until(startVideo({ model, prompt, providerOptions: { vidtask: { extraBody, maxPrice } } }));
  await expect(start(0.3)).rejects.toThrow("maxPrice");
  await start(0.4);
  expect(charges()).toBe(1);
});

test("an id is a typo unless it is asked for on purpose, and a router has none", () => {
  const { client, provider } = setUp();
  expect(() => provider.video("kling-99")).toThrow("`unlistedVideo`");
  const router = createVidtaskProvider({ client: createVidtask({ vendors: [createApixo()] }) });
  expect(() => router.unlistedVideo("kling-99")).toThrow(NoSuchModelError);
  expect(client.models).not.toHaveProperty("kling-99");
});
