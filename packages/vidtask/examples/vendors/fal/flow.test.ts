// An example, not published: fal from the submit to the end, over real connections.
import { createReceiver, memoryJournal, settleSubmit, type VidtaskEvent } from "@vidtask/core";
import { expect, onTestFinished, test } from "vitest";
import { listen, quickClock } from "../loopback.ts";
import { createFal } from "./adapter.ts";
import { mockFal } from "./mock.ts";

const apiKey = "key-0123456789abcdef";
const request = { model: "fal-ai/kling-video/v2.6/pro/text-to-video", prompt: "a waterfall" } as const;
const submitOptions = { idempotencyKey: "row-17" };

async function setUp() {
  const clock = quickClock();
  const mock = await mockFal(clock.now, apiKey);
  const ended: string[] = [];
  const hook = await listen((callback) => receiver.fetch(callback));
  const events: VidtaskEvent[] = [];
  const journal = memoryJournal();
  const fal = createFal({
    apiKey,
    baseUrl: mock.url,
    clock,
    journal,
    callback: { url: `${hook.url}/hook`, secret: "0123456789abcdef0123456789abcdef" },
    onEvent: (event) => void events.push(event),
  });
  const receiver = createReceiver({
    clients: [fal],
    onTask: (task, { idempotencyKey }) => void ended.push(`${idempotencyKey} ${task.state}`),
  });
  onTestFinished(async () => void (await Promise.all([mock.close(), hook.close()])));
  return { clock, mock, fal, journal, ended, events };
}

test("a submit whose answer is lost stays unknown, and is not sent again: its webhook names the task", async () => {
  const { mock, fal, clock, ended } = await setUp();
  mock.faults.lost = 1;
  const unknown = { code: "submit_unknown", billed: "unknown" };
  await expect(fal.submit(request, submitOptions)).rejects.toMatchObject(unknown);
  await expect(fal.submit(request, submitOptions)).rejects.toMatchObject(unknown);
  clock.pass(60_000);
  expect(await mock.callBack(mock.tasks[0])).toBe(200);
  expect(await fal.submit(request, submitOptions)).toMatchObject({ id: "req-0", state: "succeeded" });
  expect([mock.tasks.length, ended]).toEqual([1, ["row-17 succeeded"]]);
});

test("a task found in fal's dashboard settles the submit by hand", async () => {
  const { mock, fal, journal } = await setUp();
  mock.faults.lost = 1;
  await fal.submit(request, submitOptions).catch(() => {});
  await settleSubmit(journal, "row-17", { vendor: "fal", model: request.model, id: "req-0" }, { client: fal });
  expect(await fal.submit(request, submitOptions)).toMatchObject({ id: "req-0" });
  expect(mock.tasks.length).toBe(1);
});

test("a wait ends with the video of the second call, whatever a gateway says in between", async () => {
  const { mock, fal, events } = await setUp();
  const task = await fal.submit(request);
  expect(await fal.get(task)).toMatchObject({ state: "pending", queuePosition: 2 });
  mock.faults.gateway = 2;
  expect((await fal.wait(task)).videos).toEqual([{ url: `${mock.url}/req-0.mp4` }]);
  expect(events.filter(({ type }) => type === "fault").length).toBe(2);
});

test.each([
  ["rejected", { code: "content_rejected", vendorCode: "content_policy_violation", billed: "unknown" }],
  ["timedOut", { code: "timeout", vendorCode: "request_timeout", billed: "no" }],
] as const)("a result that is %s is how the task failed", async (end, failure) => {
  const { mock, fal, clock } = await setUp();
  const task = await fal.submit(request);
  clock.pass(60_000);
  Object.assign(mock.tasks[0] ?? {}, { end });
  expect(await fal.get(task)).toMatchObject({ state: "failed", failure });
  await expect(fal.wait(task)).rejects.toMatchObject({ name: "TaskFailedError" });
});

test("a cancel stops what is queued; what runs goes on, and what has ended meanwhile is that end", async () => {
  const { mock, fal, clock } = await setUp();
  const [first, second, third] = [await fal.submit(request), await fal.submit(request), await fal.submit(request)];
  expect(await fal.cancel?.(first)).toMatchObject({ state: "failed", failure: { code: "cancelled" } });
  clock.pass(10_000);
  expect(await fal.cancel?.(second)).toMatchObject({ state: "processing" });
  mock.faults.beforeCancel = () => clock.pass(60_000);
  expect(await fal.cancel?.(third)).toMatchObject({ state: "succeeded" });
});

test("a callback ends a task once: one that lies is not believed, one that comes again is not told again", async () => {
  const { fal, mock, clock, ended } = await setUp();
  await fal.submit(request, submitOptions);
  const [task] = mock.tasks;
  expect(await mock.callBack(task)).toBe(503); // it still runs: call again
  clock.pass(60_000);
  expect(await mock.callBack(task, { status: "ERROR", payload: null })).toBe(200);
  expect(await mock.callBack(task)).toBe(200);
  expect(ended).toEqual(["row-17 succeeded"]);
});

test("a callback that names another request of the account is not taken for the key's", async () => {
  const { fal, mock, clock, ended, events } = await setUp();
  await fal.submit(request, submitOptions);
  await fal.submit(request, { callback: false });
  clock.pass(60_000);
  expect(await mock.callBack(mock.tasks[0], { request_id: "req-1" })).toBe(200);
  expect(ended).toEqual([]);
  expect(events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : []))).toEqual(["callback_mismatch"]);
});

test("a picture goes to its place without the key, and the task is told its URL", async () => {
  const { fal, mock } = await setUp();
  const image = new Blob(["a picture"], { type: "image/png" });
  await fal.submit({ model: "fal-ai/kling-video/v2.6/pro/image-to-video", prompt: "it moves", image });
  expect(mock.files).toEqual(["a picture, credentials: null"]);
  expect(mock.tasks).toMatchObject([{ input: { image_url: `${mock.url}/files/1.png` } }]);
});
