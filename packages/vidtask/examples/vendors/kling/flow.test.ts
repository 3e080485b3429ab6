// An example, not published: Kling from the submit to the end, over real connections.
import { createReceiver, formatRef, memoryJournal, parseRef, type VidtaskEvent } from "@vidtask/core";
import { expect, onTestFinished, test } from "vitest";
import { listen, quickClock } from "../loopback.ts";
import { createKling } from "./adapter.ts";
import { mockKling } from "./mock.ts";

const keys = { accessKey: "ak-0123456789", secretKey: "sk-0123456789abcdef" };
const request = { model: "kling-v2-6", prompt: "a waterfall" } as const;
const submitOptions = { idempotencyKey: "row-17" };

async function setUp() {
  const clock = quickClock();
  const mock = await mockKling(clock.now, keys);
  const ended: string[] = [];
  const hook = await listen((callback) => receiver.fetch(callback));
  const events: VidtaskEvent[] = [];
  const kling = createKling({
    ...keys,
    baseUrl: mock.url,
    clock,
    journal: memoryJournal(),
    callback: { url: `${hook.url}/hook`, secret: "0123456789abcdef0123456789abcdef" },
    onEvent: (event) => void events.push(event),
  });
  const receiver = createReceiver({
    clients: [kling],
    onTask: (task, { idempotencyKey }) => void ended.push(`${idempotencyKey} ${task.state}`),
  });
  onTestFinished(async () => void (await Promise.all([mock.close(), hook.close()])));
  return { clock, mock, kling, ended, hook, events };
}

test("a submit whose answer is lost becomes its task by itself, and is paid for once", async () => {
  const { mock, kling } = await setUp();
  Object.assign(mock.faults, { lost: 1, lag: 2 });
  const task = await kling.submit(request, submitOptions);
  expect(mock.tasks).toMatchObject([{ id: task.id, kind: "text2video" }]);
  expect(await kling.submit(request, submitOptions)).toMatchObject({ id: task.id });
  expect(mock.tasks.length).toBe(1);
});

test("a ref leads to its task in any process, with the kind that is in its path", async () => {
  const { kling, mock, clock } = await setUp();
  const task = await kling.submit({ ...request, image: "https://example.com/a.png" });
  expect(formatRef(task)).toBe(`kling:kling-v2-6:${task.id}:image2video`);
  const elsewhere = createKling({ ...keys, baseUrl: mock.url, clock });
  const done = await elsewhere.wait(parseRef(formatRef(task)));
  expect(done.videos).toEqual([{ url: `${mock.url}/${task.id}.mp4`, duration: 5.1 }]);
});

test("a task that fails is an error of a wait, in the vendor's words", async () => {
  const { kling, mock } = await setUp();
  const task = await kling.submit(request);
  Object.assign(mock.tasks[0] ?? {}, { fails: "the picture is too dark" });
  await expect(kling.wait(task)).rejects.toMatchObject({ name: "TaskFailedError", message: /too dark/ });
});

test("a JWT is made anew for each call: half an hour later, too", async () => {
  const { kling, clock } = await setUp();
  const task = await kling.submit(request);
  clock.pass(40 * 60_000);
  expect((await kling.get(task)).state).toBe("succeeded");
});

test("an account in arrears is a refusal, not a rate: nothing is sent again, and nothing was paid", async () => {
  const { kling, mock, events } = await setUp();
  mock.faults.isInArrears = true;
  const refusal = { code: "insufficient_credits", vendorCode: "1101", status: 429, billed: "no" };
  await expect(kling.submit(request, submitOptions)).rejects.toMatchObject(refusal);
  expect(JSON.stringify(events)).not.toContain(keys.secretKey);
});

test("a callback ends a task once: one that lies is not believed, one that comes again is not told again", async () => {
  const { kling, mock, clock, ended } = await setUp();
  await kling.submit(request, submitOptions);
  const [task] = mock.tasks;
  expect(await mock.callBack(task, { task_status: "succeed" })).toBe(503); // it still runs: call again
  expect(ended).toEqual([]);
  clock.pass(60_000);
  expect(await mock.callBack(task, { task_status: "failed" })).toBe(200);
  expect(await mock.callBack(task)).toBe(200);
  expect(ended).toEqual(["row-17 succeeded"]);
});

test("a callback without the URL that the client signed leads nowhere", async () => {
  const { kling, mock, ended, hook } = await setUp();
  await kling.submit(request, submitOptions);
  const [task] = mock.tasks;
  expect(await mock.callBack(task && { ...task, callbackUrl: `${hook.url}/hook/forged` })).toBe(404);
  expect(ended).toEqual([]);
});

test("a small picture goes inside the request, as bare base64", async () => {
  const { kling, mock } = await setUp();
  await kling.submit({ ...request, image: new Blob(["a picture"], { type: "image/png" }) });
  expect(mock.tasks).toMatchObject([{ kind: "image2video", input: { image: btoa("a picture") } }]);
});

test("there is no cancel: no page of Kling's has one", async () => {
  const { kling } = await setUp();
  expect("cancel" in kling).toBe(false);
});
