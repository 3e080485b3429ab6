import {
  APICallError,
  NoSuchModelError,
  type Experimental_VideoModelV4 as VideoModelV4,
  type ProviderV4,
} from "@ai-sdk/provider";
import { createEmulator } from "@vidtask/emulator";
// A provider as the SDK's own mock, types and registries want one, over clients, routers and what is none.
import {
  experimental_generateVideo as generateVideo,
  createProviderRegistry,
  customProvider,
  experimental_startVideo as startVideo,
} from "ai";
import { MockVideoModelV4 } from "ai/test";
import { createAIVideoAPI, createAPIModels, createApixo, createVidtask, type VideoClient } from "vidtask";
import { beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { aivideoapi, createAIVideoAPIProvider } from "./aivideoapi.ts";
import { apimodels, createAPIModelsProvider } from "./apimodels.ts";
import { apixo, createApixoProvider, type ApixoVideoOptions } from "./apixo.ts";
import { createVidtaskProvider, VidtaskCallError, type VidtaskOptions, type VidtaskVideoModel } from "./index.ts";
import { durable, image, pollBy, setUp } from "./test/set-up.ts";

beforeEach(() => void vi.unstubAllEnvs());

describe("conformance", () => {
  test("the model has what the SDK's mock has, and no way to make a video in one blocking call", () => {
    const { model } = setUp();
    const mock = new MockVideoModelV4({ provider: "apixo.video", modelId: "kling-2-6" });
    const { specificationVersion, provider, modelId, maxVideosPerCall } = mock;
    expect(model).toMatchObject({ specificationVersion, provider, modelId, maxVideosPerCall });
    expect((model as VideoModelV4).doGenerate).toBeUndefined();
    for (const method of ["doStart", "doStatus", "handleWebhookOption"] as const)
      expect(typeof model[method]).toBe("function");
  });

  test("types: a model and a provider are the SDK's", () => {
    expectTypeOf<VidtaskVideoModel>().toExtend<VideoModelV4>();
    expectTypeOf(apixo).toExtend<ProviderV4>();
    expectTypeOf<VidtaskVideoModel>().toExtend<Parameters<typeof generateVideo>[0]["model"]>();
  });

  test("it makes only videos", () => {
    const { provider } = setUp();
    for (const make of [provider.languageModel, provider.embeddingModel, provider.imageModel])
      expect(() => make("kling-2-6")).toThrow(NoSuchModelError);
  });

  test("from a registry, and as a custom provider's model", async () => {
    const { emulator, provider, poll } = setUp();
    const registry = createProviderRegistry({ apixo: provider });
    const custom = customProvider({ videoModels: { hero: provider.video("kling-2-6") } });
    for (const model of [registry.videoModel("apixo:kling-2-6"), custom.videoModel("hero")]) {
      const made = await emulator.clock.until(generateVideo({ model, prompt: "a waterfall", poll }));
      expect(made.videos).toHaveLength(1);
    }
  });

  test("an error is one of the SDK's, by its own test", async () => {
    const { emulator, model, prompt } = setUp();
    emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
    const error = await emulator.clock.until(startVideo({ model, prompt })).catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error)).toBe(true);
  });
});

describe("each vendor, ready to use", () => {
  test.each([
    [
      "apixo",
      () => apixo.video("kling-2-6"),
      () => createApixoProvider({ apiKey: "k" }).videoModel("kling-2-6"),
      "kling-2-6",
    ],
    [
      "aivideoapi",
      () => aivideoapi.video("kling-2.6"),
      () => createAIVideoAPIProvider({ apiKey: "k" }).videoModel("kling-2.6"),
      "kling-2.6",
    ],
    [
      "apimodels",
      () => apimodels.video("kling-v3"),
      () => createAPIModelsProvider({ apiKey: "k" }).videoModel("kling-v3"),
      "kling-v3",
    ],
  ])("%s", (vendor, ready, own, modelId) => {
    for (const make of [ready, own]) expect(make()).toMatchObject({ provider: `${vendor}.video`, modelId });
  });

  test("the default instance has the environment's key and address", async () => {
    const emulator = createEmulator({ clock: { speed: 20_000 } });
    const server = await emulator.listen();
    const { apiKey, baseUrl } = server.for("apixo");
    vi.stubEnv("APIXO_API_KEY", apiKey);
    vi.stubEnv("APIXO_BASE_URL", baseUrl);
    const made = await generateVideo({ model: apixo.video("kling-2-6"), prompt: "x", poll: pollBy(emulator) });
    expect(made.videos).toHaveLength(1);
    await server.close();
  });

  test("without a key it says which variable is missing, before anything is sent", async () => {
    vi.stubEnv("APIMODELS_API_KEY", "");
    const starting = startVideo({ model: apimodels.video("kling-v2-6"), prompt: "x" });
    await expect(starting).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/APIMODELS_API_KEY/),
    });
  });
});

describe("over a router", () => {
  const over = (emulator = createEmulator({ clock: "manual" })) => {
    const vendors = [
      createApixo(emulator.for("apixo")),
      createAIVideoAPI(emulator.for("aivideoapi")),
      createAPIModels(emulator.for("apimodels")),
    ] as const;
    const client = createVidtask({ vendors, journal: durable() });
    return { emulator, client, provider: createVidtaskProvider({ client }) };
  };

  test("a family's cheapest vendor makes the video, and the metadata says which", async () => {
    const { emulator, provider } = over();
    const providerOptions = { vidtask: { prefer: "cheapest", maxPrice: 0.05 } };
    const options = { model: provider.video("kling-2.6"), prompt: "x", poll: pollBy(emulator), providerOptions };
    const made = await emulator.clock.until(generateVideo(options));
    expect(made.providerMetadata["vidtask"]).toMatchObject({
      ref: expect.stringMatching(/^apimodels:kling-v2-6:/),
      price: { usd: 0.0159 },
    });
    expect(emulator.ledger).toHaveLength(1);
  });

  test("the next vendor is tried where the first is proven not to have accepted", async () => {
    const { emulator, provider } = over();
    emulator.injectFault({ on: "submit", kind: "404", vendor: "apixo" });
    const started = await emulator.clock.until(
      startVideo({ model: provider.video("kling-2.6"), prompt: { text: "x", image } }),
    );
    expect(started.providerMetadata?.["vidtask"]).toMatchObject({
      ref: expect.stringMatching(/^aivideoapi:/),
      price: { usd: 0.55 },
    });
  });

  test("what no vendor takes is refused; options under a vendor's name are, too", async () => {
    const { emulator, provider } = over();
    const model = provider.video("kling-2.6");
    const tooLong = startVideo({ model, prompt: "x", duration: 7 });
    await expect(tooLong).rejects.toMatchObject({ code: "invalid_request", billed: "no" });
    const named = startVideo({ model, prompt: "x", providerOptions: { apixo: { routing: "auto" } } });
    await expect(named).rejects.toMatchObject({ issues: [{ path: "providerOptions.apixo" }] });
    expect(emulator.requests).toEqual([]);
  });

  test("a field that one vendor lacks may be left out for it", async () => {
    const { emulator, provider } = over();
    const vidtask = { prefer: ["apixo"], dropFields: ["negativePrompt"], negativePrompt: "blur" };
    const started = await emulator.clock.until(
      startVideo({ model: provider.video("kling-2.6"), prompt: "x", providerOptions: { vidtask } }),
    );
    expect(started.warnings).toMatchObject([{ type: "unsupported", feature: "negativePrompt" }]);
  });

  test("without vendors there is none", () => {
    expect(() => createVidtask({ vendors: [] })).toThrow(/vendors/);
  });
});

describe("what is no client, no model, no option", () => {
  test.each([undefined, null, {}, "apixo", 17, { vendor: "apixo", submit() {} }])("client: %s", (client) => {
    const make = () => createVidtaskProvider({ client: client as unknown as VideoClient });
    expect(make).toThrow(expect.objectContaining({ code: "invalid_request" }));
    expect(make).toThrow(/client/);
  });

  test("an option that does not exist", () => {
    const options = { client: createApixo({ apiKey: "k" }), names: "x" };
    expect(() => createVidtaskProvider(options)).toThrow(/did you mean name\?/);
  });

  test.each(["kling-26", "KLING-2-6", "sora", "", "constructor", "__proto__", undefined])("model: %s", (modelId) => {
    const { provider } = setUp();
    expect(() => provider.video(modelId as string)).toThrow(NoSuchModelError);
    expect(() => provider.video(modelId as string)).toThrow(/apixo has no video model .*(kling-2-6)/);
  });
});

describe("types follow from the client", () => {
  test("its models", () => {
    const client = createApixo({ apiKey: "k" });
    const provider = createVidtaskProvider({ client });
    expectTypeOf(provider.video).parameter(0).toEqualTypeOf<keyof typeof client.models>();
    // @ts-expect-error: it is one of AIVideoAPI
    expect(() => provider.video("kling-2.6")).toThrow(NoSuchModelError);
  });

  test("what each takes, as JSON", () => {
    expectTypeOf<ApixoVideoOptions<"kling-2-6">>().toHaveProperty("routing");
    expectTypeOf<ApixoVideoOptions<"kling-2-6">>().not.toHaveProperty("cfgScale");
    expectTypeOf<ApixoVideoOptions<"kling-2-5-turbo-pro">["cfgScale"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<ApixoVideoOptions["maxPrice"]>().toEqualTypeOf<number | undefined>();
    const options = {
      apixo: { negativePrompt: "x", dropFields: ["sound"] } satisfies ApixoVideoOptions<"kling-2-5-turbo-pro">,
    };
    expectTypeOf(options).toExtend<NonNullable<Parameters<typeof generateVideo>[0]["providerOptions"]>>();
    // @ts-expect-error: there is no such field
    ({ negativPrompt: "x" }) satisfies ApixoVideoOptions<"kling-2-5-turbo-pro">;
  });

  test("of a router, its families; of a client of unknown vendor, any", () => {
    const vendors = [createApixo({ apiKey: "k" }), createAPIModels({ apiKey: "k" })] as const;
    const router = createVidtask({ vendors });
    const provider = createVidtaskProvider({ client: router });
    type Family = Parameters<typeof provider.video>[0];
    expectTypeOf<"kling-2.6" | "kling-2.5-turbo" | "kling-3" | "kling-motion-control">().toExtend<Family>();
    expectTypeOf<"kling-2-6">().not.toExtend<Family>();
    expectTypeOf<VidtaskOptions<typeof router, "kling-2.6">>().toHaveProperty("prefer");
    expectTypeOf(createVidtaskProvider({ client: router as VideoClient }).video)
      .parameter(0)
      .toEqualTypeOf<string>();
  });
});

test("printing a model or an error shows no key", async () => {
  const { inspect } = await import("node:util");
  const { model, emulator } = setUp();
  const { apiKey } = emulator.for("apixo");
  expect(inspect(model, { depth: 9, showHidden: true })).not.toContain(apiKey);
  expect(JSON.stringify(model)).not.toContain(apiKey);
  expect(VidtaskCallError.name).toBe("VidtaskCallError");
});
