// What the tracing channels tell, and that telling it changes nothing.
import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openVideo } from "./client/functions.ts";
import { makeMp4 } from "./node/test/save-video-host.ts";
import { acmeAnswers, acmeReceiver, DONE, durableJournal } from "./test/acme-callbacks.ts";
import { accepted, acmeClient, done, failed, ref, request, running } from "./test/acme.ts";
import { answer, reset, type Step } from "./testing/stub-fetch.ts";
import { errorOf } from "./testing/vendor-suite.ts";
import type * as Traces from "./trace.ts";

type Told = { at: string; context: Traces.TraceContext };
const STAGES = ["start", "end", "error", "asyncStart", "asyncEnd"] as const;
const PATHS = ["submit", "get", "wait", "cancel", "download", "callback"] as const;
const submitOptions = { idempotencyKey: "row-17" };

/** What was told, as it was then; `seen` are the contexts themselves. */
let told: Told[];
let seen: Traces.TraceContext[];
let undo: (() => void)[];
beforeEach(() => {
  told = [];
  seen = [];
  undo = [];
});
afterEach(() => undo.forEach((one) => one()));

function listen(): void {
  for (const path of PATHS) {
    const channel = tracingChannel(`vidtask:${path}`);
    for (const stage of STAGES) {
      const onTold = (context: unknown) => {
        seen.push(context as Traces.TraceContext);
        told.push({ at: `${path}:${stage}`, context: structuredClone(context) as Traces.TraceContext });
      };
      channel[stage].subscribe(onTold);
      undo.push(() => channel[stage].unsubscribe(onTold));
    }
  }
}
const last = () => told.at(-1)?.context;
const lastSeen = () => seen.at(-1);
const stages = () => told.map(({ at }) => at);

describe("a listener", () => {
  test("sees a submit from its start to its task", async () => {
    listen();
    const { client } = acmeClient([accepted], { journal: durableJournal() });
    const task = await client.submit(request, submitOptions);
    expect(stages()).toEqual(["submit:start", "submit:end", "submit:asyncStart", "submit:asyncEnd"]);
    expect(told[0]?.context).toEqual({ vendor: "acme", idempotencyKey: "row-17" });
    const about = { vendor: "acme", model: "acme-1", idempotencyKey: "row-17", priceUsd: 0.5 };
    expect(last()).toEqual({ ...about, accepted: true });
    expect(lastSeen()?.result).toBe(task);
    await client.submit(request, submitOptions);
    expect(last()).toEqual(about); // found, and not paid again
    expect(lastSeen()?.result).toMatchObject({ id: "t1" });
  });

  test("sees a lost answer as unknown", async () => {
    listen();
    const { client } = acmeClient([reset]);
    const error = await errorOf(client.submit(request, submitOptions));
    expect(stages()).toContain("submit:error");
    expect(lastSeen()?.error).toBe(error);
    expect(error).toMatchObject({ code: "submit_unknown", billed: "unknown" });
    expect(last()).not.toHaveProperty("accepted");
  });

  test("sees how often a wait has asked, and its end", async () => {
    listen();
    const { client } = acmeClient([running, running, done]);
    const task = await client.wait(ref);
    expect(last()).toEqual({ vendor: "acme", polls: 3 });
    expect(lastSeen()).toMatchObject({ task: ref, result: task });
    const lost = acmeClient([running, failed]);
    await errorOf(lost.client.wait(ref));
    expect(last()).toMatchObject({ polls: 2 });
    expect(lastSeen()?.result).toMatchObject({ state: "failed" });
    expect(stages()).not.toContain("wait:error"); // the task failed, and not the wait
  });

  test("sees the waits of a watch, also one that is left, and of a resume after a restart", async () => {
    listen();
    const { client } = acmeClient([running, done]);
    for await (const { state } of client.watch(ref)) if (state === "processing") break;
    expect(last()).toMatchObject({ polls: 1 });
    expect(lastSeen()?.result).toMatchObject({ state: "processing" });
    const journal = durableJournal();
    await acmeClient([accepted], { journal }).client.submit(request, submitOptions);
    const later = acmeClient([running, done], { journal });
    for await (const { idempotencyKey } of later.client.resume()) expect(idempotencyKey).toBe("row-17");
    expect(last()).toEqual({ vendor: "acme", idempotencyKey: "row-17", polls: 2 });
    expect(lastSeen()?.result).toMatchObject({ id: "t1", state: "succeeded" });
    expect(stages().filter((at) => at === "wait:start")).toHaveLength(2);
    expect(stages().filter((at) => at === "wait:asyncEnd")).toHaveLength(2);
  });

  test("sees a question with its answer, and a cancel with what came of it", async () => {
    listen();
    const { client } = acmeClient(
      [running, running, answer(204), failed],
      {},
      {
        cancel: { call: ({ id }) => ({ method: "DELETE", path: `/tasks/${id}` }) },
      },
    );
    await client.get(ref);
    expect(stages()).toEqual(["get:start", "get:end", "get:asyncStart", "get:asyncEnd"]);
    expect(last()).toEqual({ vendor: "acme" });
    expect(lastSeen()).toMatchObject({ task: ref, result: { state: "processing" } });
    await client.cancel?.(ref);
    expect(stages().slice(4)).toEqual(["cancel:start", "cancel:end", "cancel:asyncStart", "cancel:asyncEnd"]);
    expect(lastSeen()).toMatchObject({ task: ref, result: { state: "failed" } });
  });

  test("that binds a store to a call finds it in each exchange of the call, and nowhere else", async () => {
    const store = new AsyncLocalStorage<string>();
    for (const path of PATHS) {
      const { start } = tracingChannel(`vidtask:${path}`);
      start.bindStore(store, () => path);
      undo.push(() => start.unbindStore(store));
    }
    const found: (string | undefined)[] = [];
    const step = (next: Step): Step => {
      return (...of) => {
        found.push(store.getStore());
        return typeof next === "function" ? next(...of) : next;
      };
    };
    const { client } = acmeClient([accepted, running, running, done, running, done].map(step));
    await client.submit(request);
    for await (const { state } of client.watch(ref)) {
      expect(store.getStore()).toBeUndefined();
      if (state === "succeeded") break;
    }
    await Promise.all([client.wait(ref), client.wait(ref)]);
    expect(found).toEqual(["submit", "wait", "wait", "wait", "wait", "wait"]);
  });

  test("sees a wait that gives up as an error of a task that runs on", async () => {
    listen();
    const { client } = acmeClient([running]);
    const error = await errorOf(client.wait(ref, { waitTimeout: 0 }));
    expect(stages()).toContain("wait:error");
    expect(lastSeen()?.error).toBe(error);
    expect(error).toMatchObject({ code: "wait_timeout", task: { state: "processing" } });
  });

  test("sees a download, and a callback with its answer", async () => {
    listen();
    const video = new Uint8Array(makeMp4(2_000));
    const file: Step = () => new Response(video, { headers: { "content-length": "2000" } });
    const { client } = acmeClient([done, file]);
    const { stream } = await openVideo(client, ref);
    expect(lastSeen()).toMatchObject({ vendor: "acme", task: ref, result: { bytes: 2_000 } });
    await stream.cancel();
    const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
    await acme.pay("row-18");
    expect(await acme.callBack(acme.urls()[0])).toBe(200);
    expect(last()).toEqual({ vendor: "acme", idempotencyKey: "row-18" });
    expect(lastSeen()).toMatchObject({ task: { vendor: "acme", model: "acme-1", id: "t1" }, result: 200 });
  });

  test("sees no prompt and no URL in what it logs", async () => {
    listen();
    const { client } = acmeClient([accepted, running, done]);
    await client.generate({ ...request, image: "https://pictures.test/a.png" });
    await errorOf(client.submit({ ...request, prompt: `a waterfall ${"x".repeat(50)}` }));
    await errorOf(acmeClient([answer(400, { error: { code: "x", message: "a waterfall?" } })]).client.submit(request));
    expect(told.length).toBeGreaterThan(10);
    for (const shown of [JSON.stringify(seen), JSON.stringify(told), inspect(seen, { depth: 9 })])
      expect(shown).not.toMatch(/waterfall|https?:|xxx/);
    expect(seen[0]?.prompt).toBe(request.prompt); // for the one that asks for it
  });

  const PARENT = `00-${"4bf92f35".repeat(4)}-${"00f067aa".repeat(2)}-01`;
  /** Sets the `traceparent` of every submit that starts, as a tracer would. */
  function giveParent(traceparent: unknown): void {
    const { start } = tracingChannel("vidtask:submit");
    const give = (context: unknown) => void Object.assign(context as Traces.TraceContext, { traceparent });
    start.subscribe(give);
    undo.push(() => start.unsubscribe(give));
  }

  test("gives a submit a parent, which a wait, a resume, a download and a repeated submit find again in another process", async () => {
    giveParent(PARENT);
    const journal = durableJournal();
    await acmeClient([accepted], { journal }).client.submit(request, submitOptions);
    expect((await journal.get("row-17"))?.traceparent).toBe(PARENT);
    undo.forEach((one) => one());
    listen();
    const video = new Uint8Array(makeMp4(2_000));
    const { client } = acmeClient([running, done, done, () => new Response(video)], { journal });
    await client.submit(request, submitOptions);
    expect(last()).toMatchObject({ submitTraceparent: PARENT });
    await client.wait(ref);
    expect(last()).toEqual({ vendor: "acme", polls: 1, submitTraceparent: PARENT });
    await (await openVideo(client, ref)).stream.cancel();
    expect(last()).toEqual({ vendor: "acme", submitTraceparent: PARENT });
  });

  test("gives its own to a row that a dead process had begun", async () => {
    giveParent(PARENT);
    const journal = durableJournal();
    await acmeClient([answer(400, {})], { journal })
      .client.submit(request, submitOptions)
      .catch(() => {});
    const { version = 0 } = (await journal.get("row-17")) ?? {};
    const dead = {
      owner: "another process",
      sendBefore: "2020-01-01T00:00:00.000Z",
      traceparent: PARENT.replace("4b", "00"),
    };
    await journal.update("row-17", version, { state: "begun", ...dead });
    await acmeClient([accepted], { journal: { ...journal, now: async () => Date.now() } }).client.submit(
      request,
      submitOptions,
    );
    expect(await journal.get("row-17")).toMatchObject({ state: "accepted", traceparent: PARENT });
  });

  test("finds it again in a callback", async () => {
    giveParent(PARENT);
    const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
    await acme.pay("row-18");
    listen();
    expect(await acme.callBack(acme.urls()[0])).toBe(200);
    expect(last()).toEqual({ vendor: "acme", idempotencyKey: "row-18", submitTraceparent: PARENT });
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  test.each([17, null, "", "a waterfall", `${PARENT}0`, `00-${"x".repeat(52)}`, circle])(
    "that gives %o instead changes no row and no paid call",
    async (odd) => {
      giveParent(odd);
      const journal = durableJournal();
      const { client, posts } = acmeClient([accepted], { journal });
      await client.submit(request, submitOptions);
      expect(posts()).toBe(1);
      expect(await journal.get("row-17")).not.toHaveProperty("traceparent");
    },
  );

  test("that throws changes no paid call", async () => {
    const thrown: unknown[] = [];
    // Node reports a listener's error as an uncaught one: here it is caught, as a program would.
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
    const channel = tracingChannel("vidtask:submit");
    const misbehave = () => {
      throw new Error("mine");
    };
    for (const stage of STAGES) channel[stage].subscribe(misbehave);
    try {
      const { client, posts } = acmeClient([accepted]);
      expect(await client.submit(request)).toMatchObject({ id: "t1" });
      await new Promise((resolve) => setImmediate(resolve));
      expect([posts(), thrown.length]).toEqual([1, 4]);
    } finally {
      for (const stage of STAGES) channel[stage].unsubscribe(misbehave);
      process.removeAllListeners("uncaughtException");
      for (const other of others) process.on("uncaughtException", other);
    }
  });
});

describe("without channels", () => {
  let copies = 0;
  /** Of a module that has looked nothing up yet. */
  const newTraced = async () => ((await import(`./trace.ts?copy=${copies++}`)) as typeof Traces).traced;

  test.each([
    ["no getBuiltinModule", undefined],
    ["no such module", () => undefined],
    [
      "a refusal",
      () => {
        throw new Error("not here");
      },
    ],
    ["a module without tracing channels", () => ({})],
  ])("(%s) a submit is as ever", async (_kind, getBuiltinModule) => {
    const traced = await newTraced();
    vi.stubGlobal("process", { ...process, getBuiltinModule });
    undo.push(() => vi.unstubAllGlobals());
    const begin = vi.fn();
    expect(await traced("submit", begin, async (trace) => (trace ? 1 : 2))).toBe(2);
    expect(begin).not.toHaveBeenCalled();
  });

  test("or without a listener nothing is built", async () => {
    const traced = await newTraced();
    const begin = vi.fn();
    expect(await traced("callback", begin, async (trace) => (trace ? 1 : 2))).toBe(2);
    expect(begin).not.toHaveBeenCalled();
  });
});
