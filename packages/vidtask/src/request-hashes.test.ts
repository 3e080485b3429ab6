// What a key stands for is the hash of its request: if one changes, every key of before it is refused after an upgrade.
import { createEmulator } from "@vidtask/emulator";
import { expect, test } from "vitest";
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  formatRef,
  memoryJournal,
  parseRef,
  type ClientOptions,
  type VideoClient,
  type VideoRequest,
} from "./index.ts";

const clients: Record<string, (options: ClientOptions) => VideoClient> = {
  apixo: createApixo as never,
  aivideoapi: createAIVideoAPI as never,
  apimodels: createAPIModels as never,
};
const prompt = "a waterfall";
const image = "https://example.com/a.png";
const signed = "https://example.com/b.png?v=2&X-Amz-Signature=abc";
const motionVideo = "https://example.com/m.mp4";

const HASHES: readonly (readonly [vendor: string, request: VideoRequest, hash: string])[] = [
  ["apixo", { model: "kling-2-6", prompt }, "v2:0442c2567657607b0d82814057d25426d04c801a13bd462b8a9fef44f5cc2179"],
  [
    "apixo",
    { model: "kling-2-6", prompt, image: signed, duration: 10, sound: true, routing: "value" },
    "v2:0ed727097b2ae2d0d973ec1cc2e8487fed6982ea28e9a203c07cc7bda963f56e",
  ],
  [
    "apixo",
    { model: "kling-2-5-turbo-pro", prompt, image, endImage: signed, cfgScale: 0.7, negativePrompt: "blur" },
    "v2:1d33d29ec3585f18e1092d31fcd93029701fc93d92676cb72e52bb1dbdb5832c",
  ],
  [
    "apixo",
    { model: "kling-3-0-std", image, motionVideo },
    "v2:997b099ff3dc3f3cf5e860a44547a863de1e7f91f2fcd5694e1fd9d9473b7c79",
  ],
  [
    "apixo",
    { model: "kling-3-0-turbo", prompt },
    "v2:cab3d766c1e6857c7607b67ffa7a000a96f0dde952ad9d62b6537ce73df570fc",
  ],
  [
    "apixo",
    { model: "kling-2-1", prompt, image },
    "v2:a13231caa91ea076f54a2aea68fbba586ab1cbdbc836b2cd62e84d59472070d4",
  ],
  ["apixo", { model: "veo-3-1", prompt }, "v2:6dd5bed939fa40cf2fa23dbc3ba455b3e392ea052774f5662054abc15fd0a8e6"],
  [
    "aivideoapi",
    { model: "kling-2.6", prompt, image, sound: true },
    "v2:dc8a2064e4b62420592a3669d2ad932e93eadd7cd49b264e8abe370cf3a44439",
  ],
  [
    "aivideoapi",
    { model: "kling-3.0", prompt, quality: "std", image, endImage: signed },
    "v2:56caf7e000de82a3923b425f4282f9ab209188f041c0fa3a925a8022f9f6aed4",
  ],
  [
    "aivideoapi",
    { model: "kling-v3-motion-control", image, motionVideo },
    "v2:9d4b216482f195f8f605c094ebebcd3051d552deb34af9fc27e039eac5a50a75",
  ],
  ["aivideoapi", { model: "veo-3", prompt }, "v2:a939b5b6f33575506dc751a05be9f0244410a537e6c595a8b9a955bde1d483a5"],
  [
    "apimodels",
    { model: "kling-v2-6", prompt: "<<<voice_1>>> sings", quality: "pro", sound: true, voices: ["a-voice"] },
    "v2:fa06fc0616f586a0d321ee4d7bdcd507511db914c1b639ba8a2f75e2504ed297",
  ],
  [
    "apimodels",
    { model: "kling-v2-6", prompt, image: "data:image/png;base64,iVBORw0KGgo=" },
    "v2:c8fb329168c355130f4f7104d616d3ef1dd0a27d7560ff089f3dc6e5e29d4b61",
  ],
  [
    "apimodels",
    { model: "kling-v3", prompt, image, duration: 7 },
    "v2:f750a66862af94d1663434d5df91c5ea7c36190944b0ececdc66cb339e924158",
  ],
  [
    "apimodels",
    { model: "kling-motion-control", image, motionVideo },
    "v2:f46bbbe7a26df6501f6fd5b9a7a91e069e6491c855b3b70d2c98d284da15035c",
  ],
  [
    "apimodels",
    { model: "kling-v3-omni", prompt, image, endImage: signed, sound: true },
    "v2:137c3b80ac196359f4de86c8529469af8e34031f09d9f993ecf4204319aa70ea",
  ],
  [
    "apimodels",
    { model: "kling-video-o1", prompt, image },
    "v2:c89cde6a6321d2838380010273d4d88756a55934b59da249be17c58a42c33b5d",
  ],
  [
    "apimodels",
    { model: "kling-v2-6", prompt, extraBody: { shots: [{ url: signed }] } },
    "v2:9bef8b9096047621825e7b7340ec5f69e84d91da346e0de7609bbb6cfaf8711d",
  ],
];

test.each(HASHES)("the hash of this request to %s is as it was: %o", async (vendor, request, hash) => {
  const journal = memoryJournal();
  const emulator = createEmulator({ clock: "manual", vendors: [vendor] });
  const client = clients[vendor]!({ ...emulator.for(vendor), journal });
  const task = await emulator.clock.until(client.submit(request, { idempotencyKey: "k" }));
  expect((await journal.get("k"))?.requestHash).toBe(hash);
  // Without a kind of task, a ref has three parts, in whatever program it was kept.
  expect(formatRef(task)).toBe(`${vendor}:${request.model}:${task.id}`);
  expect(parseRef(`${vendor}:${request.model}:${task.id}`)).toEqual({ vendor, model: request.model, id: task.id });
});

test("every model has one", () => {
  const listed = Object.entries(clients).flatMap(([vendor, create]) =>
    Object.keys(create({ apiKey: "a-key" }).models).map((model) => `${vendor} ${model}`),
  );
  const hashed = new Set(HASHES.map(([vendor, { model }]) => `${vendor} ${model}`));
  expect(listed.filter((one) => !hashed.has(one))).toEqual([]);
});
