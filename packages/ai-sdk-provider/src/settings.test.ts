import { createAIVideoAPI } from "@vidtask/aivideoapi";
import { createAPIModels } from "@vidtask/apimodels";
import { createApixo } from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
// Every setting of the SDK arrives, or is refused before anything is paid for, or is a warning where only chance changes.
import { experimental_startVideo as startVideo } from "ai";
import { describe, expect, test } from "vitest";
import { createVidtaskProvider } from "./index.ts";
import { durable, image, plainCall, setUp } from "./test/set-up.ts";

type Call = Omit<Parameters<typeof startVideo>[0], "model">;

const last = "https://example.com/last.png";
const png = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (c) => c.codePointAt(0)!,
);

function over(vendor: "apixo" | "aivideoapi" | "apimodels", modelId: string, more: object = {}) {
  const bodies: unknown[] = [];
  const emulator = createEmulator({ clock: "manual" });
  const options = emulator.for(vendor);
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (typeof init?.body === "string") bodies.push(JSON.parse(init.body));
    return options.fetch(url, init);
  };
  const create = { apixo: createApixo, aivideoapi: createAIVideoAPI, apimodels: createAPIModels }[vendor];
  const client = create({ ...options, fetch, journal: durable(), ...more });
  const model = createVidtaskProvider({ client }).video(modelId as never);
  const start = async (call: Call) => emulator.clock.until(startVideo({ model, ...call }));
  return { start, bodies, model, posts: () => bodies.length };
}

describe("what a model takes arrives", () => {
  test("text, length, ratio and sound", async () => {
    const { start, bodies } = over("apixo", "kling-2-6");
    const { warnings } = await start({ prompt: "x", duration: 10, aspectRatio: "9:16", generateAudio: true });
    expect(bodies[0]).toMatchObject({
      input: { prompt: "x", duration: 10, aspect_ratio: "9:16", sound: true },
    });
    expect(warnings).toEqual([]);
  });

  test("an image, as URL", async () => {
    const { start, bodies } = over("apixo", "kling-2-6");
    await start({ prompt: { text: "x", image } });
    expect(JSON.stringify(bodies[0])).toContain(image);
  });

  test.each([
    ["bytes", png],
    ["base64", btoa(String.fromCodePoint(...png))],
    ["a data: URL", `data:image/png;base64,${btoa(String.fromCodePoint(...png))}`],
  ])("an image, as %s, by the client's upload", async (_, data) => {
    const types: string[] = [];
    const upload = async (file: Blob) => {
      types.push(`${file.type} ${file.size}`);
      return "https://files.test/up.png";
    };
    const { start, bodies } = over("apixo", "kling-2-6", { upload });
    await start({ prompt: { text: "x", image: data } });
    expect(types).toEqual([`image/png ${png.length}`]);
    expect(JSON.stringify(bodies[0])).toContain("https://files.test/up.png");
  });

  test("first and last frame", async () => {
    const { start, bodies } = over("apixo", "kling-2-5-turbo-pro");
    const frameImages: Call["frameImages"] = [
      { image: last, frameType: "last_frame" },
      { image, frameType: "first_frame" },
    ];
    await start({ prompt: "x", frameImages });
    expect(JSON.stringify(bodies[0])).toMatch(new RegExp(`${image}.*${last}`));
  });

  test("the motion and the character of motion control, as references", async () => {
    const { start, bodies } = over("apimodels", "kling-motion-control");
    const inputReferences: Call["inputReferences"] = [
      { data: "https://example.com/dance", mediaType: "video/mp4" },
      image,
    ];
    await start({ prompt: "x", inputReferences });
    expect(JSON.stringify(bodies[0])).toContain("https://example.com/dance");
    expect(JSON.stringify(bodies[0])).toContain(image);
  });

  test.each(["apixo", "vidtask"])("the model's own fields, under %s", async (name) => {
    const { start, bodies } = over("apixo", "kling-2-5-turbo-pro");
    await start({ prompt: "x", providerOptions: { [name]: { negativePrompt: "blur", cfgScale: 0.5 } } });
    expect(JSON.stringify(bodies[0])).toContain("blur");
  });
});

describe("what would be paid for and not be had is refused, and nothing is sent", () => {
  const motion = "https://example.com/dance.mp4";
  test.each<[string, string, Parameters<typeof over>, Call]>([
    [
      "a last frame",
      "frameImages.last_frame",
      ["apixo", "kling-2-6"],
      {
        prompt: "x",
        frameImages: [
          { image, frameType: "first_frame" },
          { image: last, frameType: "last_frame" },
        ],
      },
    ],
    [
      "a last frame without a first",
      "frameImages.last_frame",
      ["apixo", "kling-2-5-turbo-pro"],
      { prompt: "x", frameImages: [{ image: last, frameType: "last_frame" }] },
    ],
    [
      "two first frames",
      "frameImages",
      ["apixo", "kling-2-5-turbo-pro"],
      {
        prompt: "x",
        frameImages: [
          { image, frameType: "first_frame" },
          { image: last, frameType: "first_frame" },
        ],
      },
    ],
    ["a resolution", "resolution", ["apixo", "kling-2-6"], { prompt: "x", resolution: "1920x1080" }],
    ["sound", "generateAudio", ["apixo", "kling-2-5-turbo-pro"], { prompt: "x", generateAudio: true }],
    [
      "no sound, of a model that is not asked",
      "generateAudio",
      ["apixo", "kling-2-5-turbo-pro"],
      { prompt: "x", generateAudio: false },
    ],
    ["another length", "duration", ["apixo", "kling-2-6"], { prompt: "x", duration: 7 }],
    ["another ratio", "aspectRatio", ["apixo", "kling-2-6"], { prompt: "x", aspectRatio: "21:9" }],
    [
      "a ratio beside an image",
      "aspectRatio",
      ["apixo", "kling-2-6"],
      { prompt: { text: "x", image }, aspectRatio: "16:9" },
    ],
    [
      "a ratio of a model without one",
      "aspectRatio",
      ["aivideoapi", "kling-2.6"],
      { prompt: { text: "x", image }, aspectRatio: "16:9" },
    ],
    [
      "the ratio of an image that is not given",
      "aspectRatio",
      ["apixo", "kling-2-6"],
      { prompt: "x", aspectRatio: "adaptive" },
    ],
    ["an image that is required", "prompt.image", ["aivideoapi", "kling-2.6"], { prompt: "x" }],
    [
      "an image of a wrong type",
      "prompt.image",
      ["apixo", "kling-2-6"],
      { prompt: { text: "x", image: "data:image/bmp;base64,Qk0=" } },
    ],
    [
      "an image in a private network",
      "prompt.image",
      ["apixo", "kling-2-6"],
      { prompt: { text: "x", image: "https://192.168.0.1/a.png" } },
    ],
    ["a reference", "inputReferences.0", ["apixo", "kling-2-6"], { prompt: "x", inputReferences: [image] }],
    [
      "two videos as references",
      "inputReferences.1",
      ["apimodels", "kling-motion-control"],
      { prompt: { image }, inputReferences: [motion, motion] },
    ],
    [
      "a reference of an unknown kind",
      "inputReferences.0.mediaType",
      ["apimodels", "kling-motion-control"],
      { prompt: { image }, inputReferences: ["https://example.com/dance"] },
    ],
    ["a text that is too long", "prompt", ["apixo", "kling-2-6"], { prompt: "x".repeat(1001) }],
    ["an empty text", "prompt", ["apixo", "kling-2-6"], { prompt: "" }],
    [
      "an option that does not exist",
      "providerOptions.apixo.negativPrompt",
      ["apixo", "kling-2-5-turbo-pro"],
      { prompt: "x", providerOptions: { apixo: { negativPrompt: "blur" } } },
    ],
    [
      "an option of another model",
      "providerOptions.apixo.cfgScale",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { apixo: { cfgScale: 0.5 } } },
    ],
    [
      "an option out of range",
      "providerOptions.vidtask.cfgScale",
      ["apixo", "kling-2-5-turbo-pro"],
      { prompt: "x", providerOptions: { vidtask: { cfgScale: 5 } } },
    ],
    [
      "an option that is given twice",
      "providerOptions.apixo.routing",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { vidtask: { routing: "auto" }, apixo: { routing: "value" } } },
    ],
    [
      "an option beside its setting",
      "providerOptions.apixo.duration",
      ["apixo", "kling-2-6"],
      { prompt: "x", duration: 5, providerOptions: { apixo: { duration: 10 } } },
    ],
    [
      "another model as an option",
      "providerOptions.apixo.model",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { apixo: { model: "kling-2-5-turbo-pro" } } },
    ],
    [
      "options that are no object",
      "providerOptions.apixo",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { apixo: [] as never } },
    ],
    [
      "options under a mistyped name",
      "providerOptions.apixoo",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { apixoo: { routing: "auto" } } },
    ],
    [
      "a price above the cap",
      "providerOptions.vidtask.maxPrice",
      ["apimodels", "kling-v2-6"],
      { prompt: "x", providerOptions: { vidtask: { maxPrice: 0.01 } } },
    ],
    [
      "an unknown price under a cap",
      "providerOptions.vidtask.maxPrice",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { vidtask: { maxPrice: 100 } } },
    ],
    [
      "results of another kind",
      "providerOptions.vidtask.results",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { vidtask: { results: "base64" } } },
    ],
    [
      "a choice of vendors without a router",
      "providerOptions.vidtask.prefer",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { vidtask: { prefer: "cheapest" } } },
    ],
    [
      "fields to drop that are no list",
      "providerOptions.vidtask.dropFields",
      ["apixo", "kling-2-6"],
      { prompt: "x", providerOptions: { vidtask: { dropFields: "sound" } } },
    ],
    [
      "a webhook that no vendor can reach",
      "webhookUrl",
      ["apixo", "kling-2-6"],
      { prompt: "x", webhookUrl: "http://app.test/hook" },
    ],
  ])("%s", async (_, path, [vendor, modelId], call) => {
    const { start, posts } = over(vendor, modelId);
    const error = await start(call).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "invalid_request", billed: "no" });
    expect((error as { issues: { path: string }[] }).issues.map((issue) => issue.path)).toContain(path);
    expect(posts()).toBe(0);
  });

  test("everything that is wrong is told at once", async () => {
    const { start } = over("apixo", "kling-2-6");
    const starting = start({ prompt: "", duration: 3, resolution: "1280x720", inputReferences: [image] });
    const { issues } = (await starting.catch((thrown: unknown) => thrown)) as { issues: { path: string }[] };
    expect(issues.map(({ path }) => path).toSorted()).toEqual([
      "duration",
      "inputReferences.0",
      "prompt",
      "resolution",
    ]);
  });
});

describe("a warning is enough", () => {
  test.each<[string, Call]>([
    ["seed", { prompt: "x", seed: 7 }],
    ["fps", { prompt: "x", fps: 30 }],
    ["headers.x-team", { prompt: "x", headers: { "X-Team": "secret-value" } }],
  ])("for %s", async (feature, call) => {
    const { start, posts } = over("apixo", "kling-2-6");
    const { warnings } = await start(call);
    expect(warnings).toMatchObject([{ type: "unsupported", feature }]);
    expect(JSON.stringify(warnings)).not.toContain("secret-value");
    expect(posts()).toBe(1);
  });

  test("for what may be left out, as it is allowed", async () => {
    const { start, bodies } = over("apixo", "kling-2-5-turbo-pro");
    const providerOptions = { vidtask: { dropFields: ["resolution", "sound", "voices"], voices: ["a"] } };
    const { warnings } = await start({ prompt: "x", resolution: "1920x1080", generateAudio: true, providerOptions });
    expect(warnings.map((warning) => (warning as { feature: string }).feature)).toEqual([
      "resolution",
      "generateAudio",
      "providerOptions.vidtask.voices",
    ]);
    expect(JSON.stringify(bodies[0])).not.toMatch(/resolution|sound|voice/);
  });

  test("for the ratio of the image, which is the model's own way", async () => {
    const { start, bodies } = over("apixo", "kling-2-6");
    const { warnings } = await start({ prompt: { text: "x", image }, aspectRatio: "adaptive" });
    expect(warnings).toMatchObject([{ type: "compatibility", feature: "aspectRatio" }]);
    expect(JSON.stringify(bodies[0])).not.toContain("aspect_ratio");
  });

  test("for what a plan warns of", async () => {
    const { start } = over("apimodels", "kling-v2-6");
    const { warnings } = await start({ prompt: "x", providerOptions: { vidtask: { negativePrompt: "blur" } } });
    expect(warnings).toMatchObject([{ type: "other", message: expect.stringContaining("negativePrompt") }]);
  });

  test("and none for the options of other providers", async () => {
    const { start } = over("apixo", "kling-2-6");
    const providerOptions = { fal: { loop: true }, gateway: { order: ["fal"] }, apimodels: { quality: "pro" } };
    expect((await start({ prompt: "x", providerOptions })).warnings).toEqual([]);
  });
});

test("n above 1 in one start is refused, whoever calls the model", async () => {
  const { model, posts } = setUp();
  await expect(model.doStart({ ...plainCall, n: 2 })).rejects.toMatchObject({ issues: [{ path: "n" }] });
  expect(posts()).toBe(0);
});
