// Both workflows, compiled by the real compiler and run by the real runtime, in its local world: a folder of files.
import { globSync, readFileSync } from "node:fs";
import { createEmulator, type Emulator, type EmulatorServer } from "@vidtask/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resumeWebhook, start } from "workflow/api";
import { generate } from "./workflows/generate";
import { videoOf } from "./workflows/own-steps";

let emulator: Emulator;
let server: EmulatorServer;
let apiKey: string;
/** What a callback does before it resumes the webhook that it is for. */
let onCallback: (resume: () => Promise<Response>) => Promise<Response>;

beforeEach(async () => {
  onCallback = (resume) => resume();
  emulator = createEmulator({
    taskMs: 300,
    deliverCallback: (request) => onCallback(async () => resumeWebhook(tokenOf(request.url), request)),
  });
  server = await emulator.listen();
  const { baseUrl } = server.for("apixo");
  ({ apiKey } = server.for("apixo"));
  Object.assign(process.env, { APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl });
});
afterEach(() => server.close());

const tokenOf = (url: string): string => decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "");
const charges = (): number => emulator.ledger.filter(({ kind }) => kind === "charge").length;
const posts = (): number => emulator.requests.filter(({ path }) => path.includes("generateTask")).length;

test("generateVideo of a workflow: the model crosses to its steps, the webhook ends it, one charge", async () => {
  const run = await start(generate, ["a waterfall"]);
  const made = await run.returnValue;
  expect(made).toMatchObject({ status: "completed", videos: [{ type: "url", mediaType: "video/mp4" }] });
  expect(emulator.callbacks).toMatchObject([{ status: 202 }]);
  expect({ charges: charges(), posts: posts() }).toEqual({ charges: 1, posts: 1 });
});

test("nothing that a world remembers of a run holds the API key", async () => {
  const run = await start(generate, ["a waterfall"]);
  await run.returnValue;
  const files = globSync(".workflow-data/**/*.json");
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) expect(readFileSync(file, "latin1")).not.toContain(apiKey);
});

test("a callback that is forged, and comes too early, does not end it", async () => {
  emulator.injectFault({ on: "callback", kind: "forged" });
  emulator.injectFault({ on: "poll", kind: "503", times: 2 });
  const run = await start(generate, ["a waterfall"]);
  expect(await run.returnValue).toMatchObject({ status: "completed" });
  expect(charges()).toBe(1);
});

test("a failed task is the run's error, with its reason, and is not tried again", async () => {
  const run = await start(generate, ["[fail:CONTENT_VIOLATION] a waterfall"]);
  await expect(run.returnValue).rejects.toThrow(/content_rejected/);
  expect(posts()).toBe(1);
});

test("steps of one's own: the operation waits in the world between two looks, one charge", async () => {
  const id = `row-${Date.now()}`;
  const run = await start(videoOf, [{ id, prompt: "a waterfall" }]);
  expect(await run.returnValue).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/results\//);
  // Again, as after a lost answer to whoever started it: another run, and the same video.
  const again = await start(videoOf, [{ id, prompt: "a waterfall" }]);
  expect(await again.returnValue).toBe(await run.returnValue);
  expect({ charges: charges(), posts: posts() }).toEqual({ charges: 1, posts: 1 });
});

test("a step that the runtime tries again pays once", async () => {
  emulator.injectFault({ on: "submit", kind: "429", times: 2 });
  const run = await start(videoOf, [{ id: `busy-${Date.now()}`, prompt: "a waterfall" }]);
  expect(await run.returnValue).toMatch(/\.mp4$/);
  expect(charges()).toBe(1);
});

test("an answer that is lost fails the run, and no try of its step sends another paid request", async () => {
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  const run = await start(videoOf, [{ id: `lost-${Date.now()}`, prompt: "a waterfall" }]);
  await expect(run.returnValue).rejects.toThrow(/submit|unknown/i);
  expect({ charges: charges(), posts: posts() }).toEqual({ charges: 1, posts: 1 });
});
