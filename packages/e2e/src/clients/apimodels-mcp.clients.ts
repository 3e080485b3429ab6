// npm's apimodels-mcp, the vendor's own client, over stdio: `npm run test:clients`.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createEmulator, type Emulator, type EmulatorServer } from "@vidtask/emulator";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

const apart = process.env["VIDTASK_APART"] ?? "";
const PROGRAM = join(apart, "node_modules/apimodels-mcp/dist/index.js");

type Result = { content: { type: string; text: string }[]; isError?: boolean };

let emulator: Emulator;
let server: EmulatorServer;
let child: ChildProcess;
let folder: string;
const answers = new Map<number, (result: unknown) => void>();
let lastId = 0;

function send(method: string, params: object): Promise<unknown> {
  const id = ++lastId;
  return new Promise((resolve) => {
    answers.set(id, resolve);
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  });
}

async function use(tool: string, args: object): Promise<{ text: string; isError: boolean }> {
  const { content, isError = false } = (await send("tools/call", { name: tool, arguments: args })) as Result;
  return { text: content.map(({ text }) => text).join("\n"), isError };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vidtask-clients-"));
  writeFileSync(join(folder, "photo.png"), Buffer.from("iVBORw0KGgo=", "base64"));
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  emulator = createEmulator({ taskMs: 200 });
  server = await emulator.listen();
  const { apiKey, baseUrl } = server.for("apimodels");
  const env = { ...process.env, APIMODELS_API_KEY: apiKey, APIMODELS_BASE_URL: baseUrl };
  child = spawn(process.execPath, [PROGRAM], { env, stdio: ["pipe", "pipe", "ignore"] });
  if (child.stdout)
    createInterface(child.stdout).on("line", (line) => {
      const { id, result } = JSON.parse(line) as { id?: number; result?: unknown };
      if (id !== undefined) answers.get(id)?.(result);
    });
  const clientInfo = { name: "test", version: "1" };
  await send("initialize", { protocolVersion: "2025-03-26", capabilities: {}, clientInfo });
  child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
});
afterEach(async () => {
  child.kill();
  await server.close();
});

const prompt = "a waterfall";
const urlIn = (text: string) => /http:\/\/127\.0\.0\.1:\d+\/results\/\S+\.mp4/.exec(text)?.[0] ?? "";

test("lists the models", async () => {
  const { text, isError } = await use("list_models", {});
  expect(isError).toBe(false);
  expect(text.split("\n")).toEqual([
    "kling-v2-6",
    "kling-v3",
    "kling-motion-control",
    "kling-v3-omni",
    "kling-video-o1",
  ]);
});

test.each([
  ["a number", 10],
  ["a text", "10"],
])("makes a video with its duration as %s, for the price of that duration", async (_, duration) => {
  const { text, isError } = await use("generate_video", {
    prompt,
    model: "kling-v2-6",
    duration,
    aspect_ratio: "9:16",
  });
  expect(isError).toBe(false);
  const file = await fetch(urlIn(text));
  expect(file.headers.get("content-type")).toBe("video/mp4");
  await file.body?.cancel();
  expect(emulator.ledger).toMatchObject([{ usd: 0.032, kind: "charge" }]);
});

test("makes one with nothing but a prompt and a model", async () => {
  const { text } = await use("generate_video", { prompt, model: "kling-v3" });
  expect(urlIn(text)).not.toBe("");
});

test("makes one from a picture on this machine, which it uploads first", async () => {
  const image_url = join(folder, "photo.png");
  const { text, isError } = await use("generate_video", { prompt, model: "kling-v2-6", duration: 5, image_url });
  expect(isError).toBe(false);
  expect(urlIn(text)).not.toBe("");
  expect(emulator.requests.map(({ path }) => path)).toContain("/api/v1/files");
});

test("gives a task's id when it does not wait, and finds its result later, for one charge", async () => {
  const { text } = await use("generate_video", { prompt, model: "kling-v2-6", wait_seconds: 0 });
  const task_id = /task (\S+),/.exec(text)?.[1] ?? "";
  expect(text).toContain("STILL RUNNING");
  const later = await use("get_task", { task_id });
  expect(urlIn(later.text)).toContain(task_id);
  expect(emulator.ledger).toHaveLength(1);
});

test("tells why a task failed, and a refusal in the vendor's words", async () => {
  emulator.injectFault({ on: "submit", kind: "fail:CONTENT_MODERATION" });
  const failed = await use("generate_video", { prompt, model: "kling-v2-6" });
  expect(failed.text).toContain("Content policy violation");
  const refused = await use("generate_video", { prompt, model: "kling-9" });
  expect(refused).toMatchObject({ isError: true, text: expect.stringContaining("Invalid model: kling-9") });
});
