// What a program does with a vendor, over HTTP against the emulator, on the runtime that it runs on.
import assert from "node:assert/strict";
import type { VendorName } from "@vidtask/bench/vendors";
import {
  AbortedError,
  createAPIModels,
  createApixo,
  createReceiver,
  createVidtask,
  formatRef,
  memoryJournal,
  openVideo,
  parseRef,
  SubmitUnknownError,
  TaskFailedError,
  VendorError,
  type Journal,
  type SucceededTask,
  type Task,
  type TraceContext,
  type VideoClient,
  type VidtaskEvent,
} from "vidtask";
import { sharedClock } from "../../shared-clock.ts";
import { bindPaths, onTraced } from "./channels.ts";
import { errorOf, setupFor, type EmulatorAccess, type RuntimeAbilities, type Test } from "./setup.ts";

const secret = "0123456789abcdef0123456789abcdef";
const durable = (): Journal => ({ ...memoryJournal(), durable: true });

export function httpCases(vendor: VendorName, emulator: EmulatorAccess, { serve }: RuntimeAbilities, test: Test): void {
  const { client, request } = setupFor(vendor, emulator);
  const keyOf = (name: string) => `${vendor}-${name}`;

  test("a video is made, and its stream is read to its end", async () => {
    const maker = client();
    const done = await maker.generate(request(keyOf("stream")), { idempotencyKey: keyOf("stream") });
    await readVideo(maker, done);
  });

  test("a ref finds its task from another client, which watches it to its end", async () => {
    const ref = formatRef(await client().submit(request(keyOf("ref"))));
    const other = client();
    assert.equal((await other.get(parseRef(ref))).vendor, vendor);
    const states: string[] = [];
    for await (const { state } of other.watch(parseRef(ref))) states.push(state);
    assert.match(states.join(" "), /^(pending )?(processing )*succeeded$/);
  });

  test("a wait survives a reset, a page of HTML, a 503 and a cut body", async () => {
    const faults: VidtaskEvent[] = [];
    const onEvent = (event: VidtaskEvent) => void (event.type === "fault" && faults.push(event));
    const words = "[poll:reset-after-accept] [poll:html-200] [poll:503] [poll:cut]";
    const done = await client({ onEvent }).generate(request(keyOf("wait"), words));
    assert.equal(done.state, "succeeded");
    // Bun, Deno and workerd repeat a GET by themselves that was reset on a used connection, without a word.
    assert.ok(faults.length === 4 || faults.length === 3, `${faults.length} faults were told`);
  });

  for (const kind of ["reset-after-accept", "close-after-accept", "cut-id", "empty", "html-200", "500", "302"])
    test(`${kind} leaves a submit unknown, and its key sends nothing again`, async () => {
      const key = keyOf(`unknown-${kind}`);
      const sender = client();
      for (let tries = 0; tries < 2; tries++) {
        const error = await errorOf(sender.submit(request(key, `[fault:${kind}]`), { idempotencyKey: key }));
        assert.ok(SubmitUnknownError.isInstance(error), String(error));
        assert.deepEqual([error.billed, error.idempotencyKey, error.retryable], ["unknown", key, false]);
      }
    });

  test("an answer that is cut behind its task id is confirmed by a read", async () => {
    const key = keyOf("cut");
    const ending = await client()
      .submit(request(key, "[fault:cut]"), { idempotencyKey: key })
      .catch((error: unknown) => error);
    // Bun may throw away what had come of an answer when it breaks off; then it is unknown as any other.
    const isLost = "Bun" in globalThis && SubmitUnknownError.isInstance(ending);
    assert.ok(isLost || (ending as Task).state === "pending", String(ending));
  });

  test("a refused key bills nothing and is thrown", async () => {
    const key = keyOf("refused");
    const error = await errorOf(client({ apiKey: "no-such-key" }).submit(request(key), { idempotencyKey: key }));
    assert.ok(VendorError.isInstance(error), String(error));
    assert.deepEqual([error.code, error.billed, error.phase], ["unauthorized", "no", "submit"]);
  });

  test("a task that fails is thrown by a wait and returned by get", async () => {
    const key = keyOf("failed");
    const maker = client();
    const failing = { ...request(key), image: "https://nowhere.invalid/a.png" };
    const error = await errorOf(maker.generate(failing, { idempotencyKey: key }));
    assert.ok(TaskFailedError.isInstance(error), String(error));
    assert.equal((await maker.get(error.task)).state, "failed");
  });

  test("an aborted submit settles at once; its task is in the journal after drain, and then nothing starts", async () => {
    const key = keyOf("aborted");
    const journal = memoryJournal();
    const abort = new AbortController();
    const onEvent = ({ type }: VidtaskEvent) => void (type === "request" && queueMicrotask(() => abort.abort()));
    const sender = client({ journal, onEvent });
    const error = await errorOf(sender.submit(request(key), { idempotencyKey: key, signal: abort.signal }));
    assert.ok(AbortedError.isInstance(error), String(error));
    assert.deepEqual([error.billed, error.idempotencyKey], ["unknown", key]);
    await sender.drain();
    assert.equal((await journal.get(key))?.state, "accepted");
    const late = await errorOf(sender.submit(request(keyOf("drained"))));
    assert.ok(AbortedError.isInstance(late) && late.billed === "no", String(late));
  });

  test("an aborted wait ends at once, with the ref to go on with", async () => {
    const waiter = client();
    const task = await waiter.submit(request(keyOf("left")));
    const error = await errorOf(waiter.wait(task, { signal: AbortSignal.timeout(20) }));
    assert.ok(AbortedError.isInstance(error) && error.ref?.id === task.id, String(error));
  });

  test("resume goes on with what a client that is gone had submitted", async () => {
    const journal = durable();
    const key = keyOf("resumed");
    await client({ journal }).submit(request(key), { idempotencyKey: key });
    const found: string[] = [];
    for await (const item of client({ journal }).resume())
      found.push(`${item.idempotencyKey} ${"task" in item ? item.task.state : "open"}`);
    assert.deepEqual(found, [`${key} succeeded`]);
  });

  test("the tracing channels tell of a submit and a wait, where the runtime has them", async () => {
    const key = keyOf("traced");
    const told: (TraceContext & { path: string })[] = [];
    const stop = onTraced((path, about) => about.idempotencyKey === key && told.push({ path, ...about }));
    const done = await client().generate(request(key), { idempotencyKey: key });
    stop?.();
    assert.equal(done.state, "succeeded");
    if (!stop) return;
    assert.deepEqual(
      told.map(({ path, accepted }) => [path, accepted]),
      [
        ["submit", true],
        ["wait", undefined],
      ],
    );
    assert.ok(Number(told[1]?.polls) > 0);
  });

  test("what is bound to a submit and a wait is found in their exchanges, where the runtime has the channels", async () => {
    const key = keyOf("bound");
    const found = new Set<string | undefined>();
    const bound = bindPaths();
    const seeing: typeof fetch = async (...given) => {
      found.add(bound?.current());
      return fetch(...given);
    };
    const done = await client({ fetch: seeing }).generate(request(key), { idempotencyKey: key });
    bound?.stop();
    assert.equal(done.state, "succeeded");
    assert.deepEqual([...found], bound ? ["submit", "wait"] : [undefined]);
  });

  test("the balance is read", async () => assert.ok(Object.keys((await client().balance?.()) ?? {}).length > 0));

  test("callbacks: one without a token is a 404, the vendor's is confirmed, and finds an answer that was lost", async () => {
    const ends = new Map<string, (state: string) => void>();
    let answer: (request: Request) => Promise<Response> = () => Promise.reject(new Error("too early"));
    const url = await serve((given) => answer(given));
    const called = client({ journal: durable(), callback: { url: `${url}/callback`, secret } });
    const receiver = createReceiver({
      clients: [called],
      onTask: ({ state }, { idempotencyKey: key }) => ends.get(key)?.(state),
    });
    answer = (given) => receiver.fetch(given);
    const endOf = (key: string) => new Promise<string>((resolve) => ends.set(key, resolve));

    const stranger = await fetch(`${url}/callback/token`, { method: "POST", body: "{}" });
    await stranger.text();
    assert.equal(stranger.status, 404);

    const key = keyOf("called");
    const ended = endOf(key);
    await called.submit(request(key), { idempotencyKey: key });
    assert.equal(await inTime(ended), "succeeded");

    const lost = keyOf("lost");
    const found = endOf(lost);
    const error = await errorOf(called.submit(request(lost, "[fault:reset-after-accept]"), { idempotencyKey: lost }));
    assert.ok(SubmitUnknownError.isInstance(error) && error.retryable, String(error));
    assert.equal(await inTime(found), "succeeded");
    const task = await called.submit(request(lost, "[fault:reset-after-accept]"), { idempotencyKey: lost });
    assert.equal(task.state, "succeeded");
    await called.drain();
  });

  if (vendor === "apimodels")
    test("a Blob is uploaded", async () => {
      const image = new Blob([new Uint8Array(1_000)], { type: "image/png" });
      const task = await client().submit({ ...request(keyOf("blob")), image }, { submitTimeout: 3_600_000 });
      assert.equal(task.state, "pending");
    });
}

export function routerCases(emulator: EmulatorAccess, test: Test): void {
  test("a router refused by one vendor takes the next, and makes its video", async () => {
    const clock = sharedClock(emulator.origin, emulator.speed);
    const apixo = createApixo({ ...emulator.vendors.apixo, clock, apiKey: "no-such-key" });
    const apimodels = createAPIModels({ ...emulator.vendors.apimodels, clock });
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    const request = { model: "kling-2.6", prompt: "a waterfall for router-1", duration: 5 } as const;
    assert.equal(vidtask.compare(request).length, 2);
    const done = await vidtask.generate(request, { idempotencyKey: "router-1", prefer: ["apixo", "apimodels"] });
    assert.equal(done.vendor, "apimodels");
    await readVideo(vidtask, done);
  });
}

/** Reads all of a video and compares it with what its host says of it. */
async function readVideo(client: VideoClient, done: SucceededTask): Promise<void> {
  const head = await fetch(done.videos[0].url, { method: "HEAD" });
  const length = Number(head.headers.get("content-length"));
  const { stream, bytes } = await openVideo(client, done);
  let read = 0;
  let start = "";
  for (const reader = stream.getReader(); ;) {
    const { done: isEnd, value } = await reader.read();
    if (isEnd) break;
    if (read === 0) start = new TextDecoder("latin1").decode(value.slice(4, 8));
    read += value.byteLength;
  }
  assert.deepEqual([start, read, bytes], ["ftyp", length, length]);
}

const PATIENCE_MS = 30_000;
const inTime = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error("took too long")), PATIENCE_MS)),
  ]);
