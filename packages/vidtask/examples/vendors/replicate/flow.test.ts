// An example, not published: Replicate from the submit to the end, over real connections.
import { createReceiver, memoryJournal } from "@vidtask/core";
import { expect, onTestFinished, test } from "vitest";
import { listen, quickClock } from "../loopback.ts";
import { createReplicate } from "./adapter.ts";
import { mockReplicate } from "./mock.ts";

const secrets = { apiKey: "r8_0123456789abcdef", webhookSecret: "whsec_MDEyMzQ1Njc4OWFiY2RlZg==" };
const request = { model: "kwaivgi/kling-v2.6", prompt: "a waterfall" } as const;
const submitOptions = { idempotencyKey: "row-17" };

async function setUp() {
  const clock = quickClock();
  const mock = await mockReplicate(clock.now, secrets.apiKey, secrets.webhookSecret);
  const ended: string[] = [];
  const hook = await listen((callback) => receiver.fetch(callback));
  const replicate = createReplicate({
    ...secrets,
    baseUrl: mock.url,
    clock,
    journal: memoryJournal(),
    callback: { url: `${hook.url}/hook`, secret: "0123456789abcdef0123456789abcdef" },
  });
  const receiver = createReceiver({
    clients: [replicate],
    onTask: (task, { idempotencyKey }) => void ended.push(`${idempotencyKey} ${task.state}`),
  });
  onTestFinished(async () => void (await Promise.all([mock.close(), hook.close()])));
  return { clock, mock, replicate, ended };
}

test("a submit whose answer is lost is found in the list by itself, among others, and is paid for once", async () => {
  const { mock, replicate } = await setUp();
  await replicate.submit(request, { idempotencyKey: "row-16" });
  Object.assign(mock.faults, { lost: 1, lag: 1 });
  const task = await replicate.submit(request, submitOptions);
  expect(task.id).toBe("p1");
  expect(await replicate.submit(request, submitOptions)).toMatchObject({ id: "p1" });
  expect(mock.tasks.length).toBe(2);
});

test("without a callback nothing tells a lost task from another: it stays unknown, and is not sent again", async () => {
  const { mock, replicate } = await setUp();
  mock.faults.lost = 1;
  const options = { ...submitOptions, callback: false } as const;
  const unknown = { code: "submit_unknown", billed: "unknown" };
  await expect(replicate.submit(request, options)).rejects.toMatchObject(unknown);
  await expect(replicate.submit(request, options)).rejects.toMatchObject(unknown);
  expect(mock.tasks.length).toBe(1);
});

test("a wait ends with the video, while its URL lives", async () => {
  const { mock, replicate, clock } = await setUp();
  const done = await replicate.wait(await replicate.submit(request));
  expect(done.videos).toMatchObject([{ url: `${mock.url}/p0.mp4` }]);
  const left = Date.parse(done.videos[0].expiresAt ?? "") - clock.now();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(3_600_000);
});

test("a task that fails is an error of a wait, in the vendor's words", async () => {
  const { replicate, mock } = await setUp();
  const task = await replicate.submit(request);
  Object.assign(mock.tasks[0] ?? {}, { end: "failed" });
  await expect(replicate.wait(task)).rejects.toMatchObject({ name: "TaskFailedError", message: /NSFW/ });
});

test("a cancel stops a task; one that has ended meanwhile is that end", async () => {
  const { mock, replicate, clock } = await setUp();
  const [first, second] = [await replicate.submit(request), await replicate.submit(request)];
  expect(await replicate.cancel?.(first)).toMatchObject({ state: "failed", failure: { code: "cancelled" } });
  mock.faults.beforeCancel = () => clock.pass(60_000);
  expect(await replicate.cancel?.(second)).toMatchObject({ state: "succeeded" });
});

test("a signed callback of the key's own task is its end, without a question, and is told once", async () => {
  const { replicate, mock, clock, ended } = await setUp();
  await replicate.submit(request, submitOptions);
  clock.pass(60_000);
  const asked = mock.seen.length;
  expect(await mock.callBack(mock.tasks[0])).toBe(200);
  expect(await mock.callBack(mock.tasks[0])).toBe(200);
  expect([ended, mock.seen.length - asked]).toEqual([["row-17 succeeded"], 0]);
});

test("a callback that was tampered with, or is replayed later, is refused", async () => {
  const { replicate, mock, clock, ended } = await setUp();
  await replicate.submit(request, submitOptions);
  clock.pass(60_000);
  expect(await mock.callBack(mock.tasks[0], { said: { output: "https://evil.test/v.mp4" } })).toBe(401);
  expect(await mock.callBack(mock.tasks[0], { at: clock.now() - 301_000 })).toBe(401);
  expect(ended).toEqual([]);
});

test("the signature of a lost task's callback is not enough: its key is open, so the status is asked for", async () => {
  const { replicate, mock, clock, ended } = await setUp();
  Object.assign(mock.faults, { lost: 1, lag: 9 });
  await expect(replicate.submit(request, submitOptions)).rejects.toMatchObject({ code: "submit_unknown" });
  clock.pass(60_000);
  const asked = mock.seen.length;
  expect(await mock.callBack(mock.tasks[0])).toBe(200);
  expect(mock.seen.slice(asked)).toEqual(["GET /predictions/p0"]);
  expect(ended).toEqual(["row-17 succeeded"]);
});

test("a small picture goes inside the request, a large one to the files", async () => {
  const { replicate, mock } = await setUp();
  for (const bytes of [256_000, 256_001]) {
    const image = new Blob([new Uint8Array(bytes)], { type: "image/png" });
    await replicate.submit({ ...request, image });
  }
  expect(mock.files).toEqual(["image.png, 256001 bytes"]);
  const [inside, uploaded] = mock.tasks.map(({ input }) => input.start_image);
  expect(inside).toMatch(/^data:image\/png;base64,/);
  expect(uploaded).toBe(`${mock.url}/files/f-1`);
});
