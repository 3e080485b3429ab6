// Every fixture of a submit, at the vendor whose page it is from: taken as it stands, refused where a rule of the page is
// broken, and nothing that no page has goes unnamed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { caller } from "../test/helpers.ts";
import { models as ofApixo } from "./apixo/models.ts";

type Body = { model?: string; input?: object };

const folder = join(import.meta.dirname, "../../../../fixtures");
const fixtures = ["apixo", "aivideoapi", "apimodels"].flatMap((vendor) =>
  readdirSync(join(folder, vendor)).flatMap((file) => {
    const body = JSON.parse(
      /^submit.*request/.test(file) ? readFileSync(join(folder, vendor, file), "utf8") : "{}",
    ) as Body;
    // APIXO's model is in the path alone; its fixtures of the two models that the project began with do not name it.
    const named = Object.keys(ofApixo).find((model) => file.startsWith(`submit.${model}.`));
    const model = body.model ?? named ?? (file.includes("turbo") ? "kling-2-5-turbo-pro" : "kling-2-6");
    return Object.keys(body).length === 0 ? [] : [{ vendor, name: file.replace(".request.json", ""), model, body }];
  }),
);

type Answer = { code?: number; data?: { taskId?: string } };

async function submit(vendor: string, model: string, body: Body) {
  const emulator = createEmulator({ clock: "manual", credits: 1000 });
  const path = { apixo: `/generateTask/${model}`, aivideoapi: "/videos/generations", apimodels: "/video/generations" }[
    vendor
  ];
  // An address that the page leaves out is one that the vendor cannot call.
  const text = JSON.stringify(body).replace("https://...", "https://app.test/cb");
  const answer = await caller<Answer>(emulator.for(vendor))(path ?? "", { method: "POST", body: text });
  return { emulator, answer, undocumented: emulator.requests[0]?.undocumented };
}

/** Members of the fixture, or of its `input` where it has one; `undefined` takes a member away. */
const changed = (body: Body, change: object): Body =>
  body.input ? { ...body, input: { ...body.input, ...change } } : { ...body, ...change };

test.each(fixtures)("$vendor takes $name", async ({ vendor, model, body }) => {
  const { answer, undocumented } = await submit(vendor, model, body);
  expect(answer).toMatchObject({ status: 200, body: { code: 200, data: { taskId: expect.any(String) } } });
  expect(undocumented).toBeUndefined();
});

test.each(fixtures)("$vendor names what no page has beside $name", async ({ vendor, model, body }) => {
  const { undocumented } = await submit(vendor, model, changed(body, { camera_control: "pan" }));
  expect(undocumented).toEqual([body.input ? "input.camera_control" : "camera_control"]);
});

const photo = "https://example.com/photo.jpg";
const refused: [vendor: string, name: string, change: object, words: string][] = [
  ["apixo", "submit.kling-3-0-std.text-to-video", { mode: "video-to-video" }, "input.mode (must be"],
  ["apixo", "submit.kling-3-0-std.text-to-video", { prompt: undefined }, "Missing required field: input.prompt"],
  ["apixo", "submit.kling-3-0-std.text-to-video", { duration: 2 }, "input.duration (must be 3"],
  ["apixo", "submit.kling-3-0-std.text-to-video", { duration: 16 }, "14 or 15"],
  ["apixo", "submit.kling-3-0-std.text-to-video", { aspect_ratio: "4:3" }, "input.aspect_ratio (must be"],
  ["apixo", "submit.kling-3-0-std.text-to-video", { image_urls: [photo] }, "input.image_urls (only with mode"],
  ["apixo", "submit.kling-3-0-std.image-to-video", { aspect_ratio: "1:1" }, "input.aspect_ratio (only with mode text"],
  ["apixo", "submit.kling-3-0-std.image-to-video", { image_urls: [photo, photo, photo] }, "an array of 1 or 2 URLs"],
  ["apixo", "submit.kling-3-0-std.motion-control", { image_urls: [photo, photo] }, "an array of 1 URLs"],
  [
    "apixo",
    "submit.kling-3-0-std.motion-control",
    { video_urls: undefined },
    "Missing required field: input.video_urls",
  ],
  ["apixo", "submit.kling-3-0-std.motion-control", { duration: 5 }, "input.duration (only with mode text"],
  ["aivideoapi", "submit.kling-3.0.callback", { prompt: undefined }, "'input.prompt' is required"],
  [
    "aivideoapi",
    "submit.kling-3.0.callback",
    { prompt: "x".repeat(2501) },
    "'input.prompt' must be a string of 1 to 2500",
  ],
  ["aivideoapi", "submit.kling-3.0.callback", { mode: "4k" }, "'input.mode' must be std or pro for Kling 3.0."],
  ["aivideoapi", "submit.kling-3.0.callback", { duration: 2 }, "'input.duration' must be 3"],
  ["aivideoapi", "submit.kling-3.0.callback", { duration: "5" }, "'input.duration' must be 3"],
  ["aivideoapi", "submit.kling-3.0.callback", { aspect_ratio: "4:3" }, "'input.aspect_ratio' must be 16:9"],
  ["aivideoapi", "submit.kling-3.0.frames", { image_urls: [photo, photo, photo] }, "'input.image_urls' must be"],
  ["aivideoapi", "submit.kling-3.0.frames", { multi_shots: true }, "'input.multi_prompt' is required"],
  ["apimodels", "submit.kling-v3-omni.text-to-video", { prompt: undefined }, "parameter: prompt"],
  ["apimodels", "submit.kling-v3-omni.text-to-video", { duration: "16" }, "duration must be 3"],
  ["apimodels", "submit.kling-v3-omni.text-to-video", { mode: "4k" }, "mode must be std or pro"],
  ["apimodels", "submit.kling-v3-omni.frames", { image_list: [photo] }, "image_list must be an array of objects"],
  [
    "apimodels",
    "submit.kling-v3-omni.frames",
    { image_list: [{ image_url: photo, type: "middle" }] },
    "image_list must be",
  ],
  ["apixo", "submit.kling-3-0-turbo.text-to-video", { prompt: undefined }, "Missing required field: input.prompt"],
  ["apixo", "submit.kling-3-0-turbo.text-to-video", { resolution: "4k" }, "input.resolution (must be 720p or 1080p)"],
  ["apixo", "submit.kling-3-0-turbo.text-to-video", { duration: 16 }, "14 or 15"],
  ["apixo", "submit.kling-3-0-turbo.text-to-video", { image_urls: [photo] }, "input.image_urls (only with mode"],
  ["apixo", "submit.kling-3-0-turbo.image-to-video", { image_urls: [photo, photo] }, "an array of 1 URL"],
  [
    "apixo",
    "submit.kling-3-0-turbo.image-to-video",
    { aspect_ratio: "1:1" },
    "input.aspect_ratio (only with mode text",
  ],
  ["apixo", "submit.kling-2-1.quickstart", { mode: "standard-text-to-video" }, "input.mode (must be"],
  ["apixo", "submit.kling-2-1.quickstart", { prompt: "x".repeat(5001) }, "a string of 1 to 5000 characters"],
  ["apixo", "submit.kling-2-1.quickstart", { image_urls: [photo, photo] }, "an array of 1 URL"],
  ["apixo", "submit.kling-2-1.quickstart", { image_urls: undefined }, "Missing required field: input.image_urls"],
  ["apixo", "submit.kling-2-1.older", { negative_prompt: "x".repeat(501) }, "a string of 0 to 500 characters"],
  ["apixo", "submit.kling-2-1.older", { cfg_scale: 0.65 }, "input.cfg_scale (must be"],
  ["apixo", "submit.kling-2-1.pro-frames", { duration: 7 }, "input.duration (must be 5 or 10)"],
  ["apixo", "submit.kling-2-1.master-text", { image_urls: [photo] }, "input.image_urls (only with mode standard"],
  ["apixo", "submit.veo-3-1.text", { generationType: "text" }, "input.generationType (must be"],
  ["apixo", "submit.veo-3-1.text", { mode: undefined }, "Missing required field: input.mode"],
  ["apixo", "submit.veo-3-1.text", { mode: "lite" }, "input.mode (must be quality or fast)"],
  ["apixo", "submit.veo-3-1.text", { prompt: "x".repeat(10_001) }, "a string of 1 to 10000 characters"],
  ["apixo", "submit.veo-3-1.text", { aspect_ratio: "1:1" }, "input.aspect_ratio (must be"],
  ["apixo", "submit.veo-3-1.text", { seed: "1" }, "input.seed (must be an integer)"],
  ["apixo", "submit.veo-3-1.frames", { image_urls: undefined }, "Missing required field: input.image_urls"],
  ["apixo", "submit.veo-3-1.frames", { generationType: "REFERENCE_2_VIDEO" }, "input.mode (must be fast)"],
  ["aivideoapi", "submit.kling-v3-motion-control", { input_urls: undefined }, "'input.input_urls' is required"],
  ["aivideoapi", "submit.kling-v3-motion-control", { video_urls: undefined }, "'input.video_urls' is required"],
  ["aivideoapi", "submit.kling-v3-motion-control", { duration: 5 }, "'input.duration' is not supported"],
  ["aivideoapi", "submit.kling-v3-motion-control", { mode: "std" }, "'input.mode' must be 720p or 1080p"],
  ["aivideoapi", "submit.kling-v3-motion-control", { character_orientation: "up" }, "must be image or video"],
  ["aivideoapi", "submit.kling-v3-motion-control", { video_urls: ["https://a.invalid/1.mp4"] }, "cannot be read"],
  ["aivideoapi", "submit.veo-3.callback", { prompt: undefined }, "'input.prompt' is required"],
  ["aivideoapi", "submit.veo-3.callback", { mode: "std" }, "'input.mode' must be lite, fast or quality for Veo 3.1."],
  ["aivideoapi", "submit.veo-3.callback", { resolution: "480p" }, "'input.resolution' must be 720p, 1080p or 4k"],
  ["aivideoapi", "submit.veo-3.callback", { aspect_ratio: "auto" }, "'input.aspect_ratio' must be 16:9, 9:16 or Auto"],
  ["aivideoapi", "submit.veo-3.frames", { seeds: 9_999 }, "'input.seeds' must be an integer from 10000"],
  ["aivideoapi", "submit.veo-3.frames", { image_urls: undefined }, "'input.image_urls' is required"],
  ["aivideoapi", "submit.veo-3.frames", { generation_type: "TEXT_2_VIDEO" }, "'input.image_urls' must be absent"],
  ["aivideoapi", "submit.veo-3.frames", { generation_type: "REFERENCE_2_VIDEO" }, "'input.mode' must be fast"],
  ["apimodels", "submit.kling-video-o1.text-to-video", { prompt: undefined }, "parameter: prompt"],
  ["apimodels", "submit.kling-video-o1.text-to-video", { duration: "11" }, "duration must be 3"],
  ["apimodels", "submit.kling-video-o1.first-frame", { image_list: [{ type: "first_frame" }] }, "image_list must be"],
];

test.each(refused)("%s refuses a changed %s: %j", async (vendor, name, change, words) => {
  const found = fixtures.find((one) => one.vendor === vendor && one.name === name);
  if (!found) throw new Error(`there is no fixture ${vendor}/${name}`);
  const { answer, emulator } = await submit(vendor, found.model, changed(found.body, change));
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toContain(words);
  expect(emulator.ledger).toEqual([]);
});
