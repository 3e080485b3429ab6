import { describe, expect, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { callbackOf, setState } from "../given-state.ts";
import { CALLBACK_URL, names, receiving, status, submit, type Name } from "../test/callback-helpers.ts";
import { caller } from "../test/helpers.ts";

const END = 1_000_000; // no task takes longer
const LONG = END + 2_000_000;

/** When a task was told of, in seconds since the first time. */
const seconds = (seen: readonly { at: number }[]) => seen.map(({ at }) => (at - (seen[0]?.at ?? 0)) / 1000);

const MINUTES = (count: number, every: number, from: number) =>
  Array.from({ length: count }, (_, index) => from + every * (index + 1));
const SCHEDULES: Record<Name, number[]> = {
  apixo: [0, 30, 150, 750],
  aivideoapi: [0, 180, 780],
  apimodels: [0, 1, 3, 7, ...MINUTES(14, 120, 7)],
};

describe.each(names)("%s calls back", (name) => {
  test("at once when the task has ended, and once when that is answered with 200", async () => {
    const { emulator, seen } = receiving(() => status(200));
    const id = await submit(name, emulator.for(name));
    expect(seen).toEqual([]);
    await emulator.clock.advance(LONG);
    expect(seen.map(({ url }) => url)).toEqual([CALLBACK_URL]);
    expect(emulator.callbacks).toEqual([
      {
        vendor: name,
        taskId: id,
        url: "https://app.test/hooks/eyJ2Ijox…?…",
        attempt: 1,
        at: Date.UTC(2026, 0, 1) + Math.floor(seen[0]?.at ?? 0),
        status: 200,
      },
    ]);
  });

  test("again and again while that is answered with 500, by its schedule", async () => {
    const { emulator, seen } = receiving(() => status(500));
    await submit(name, emulator.for(name));
    await emulator.clock.advance(LONG);
    expect(seconds(seen)).toEqual(SCHEDULES[name]);
    expect(emulator.callbacks.map(({ attempt }) => attempt)).toEqual(SCHEDULES[name].map((_, index) => index + 1));
    expect(new Set(emulator.callbacks.map((entry) => entry.status))).toEqual(new Set([500]));
  });

  test("again after 201 only where the pages ask for exactly 200, and after a redirect everywhere", async () => {
    for (const [code, once] of [
      [201, name !== "apixo"],
      [204, name !== "apixo"],
      [302, false],
    ] as const) {
      const { emulator, seen } = receiving(() => new Response(null, { status: code, headers: { location: "/x" } }));
      await submit(name, emulator.for(name));
      await emulator.clock.advance(LONG);
      expect(seconds(seen)).toEqual(once ? [0] : SCHEDULES[name]);
    }
  });

  test("again when a receiver throws, is no receiver, or is too slow", async () => {
    const limit = name === "apimodels" ? 10 : 30;
    const { emulator, seen } = receiving(async (count, { clock }) => {
      if (count === 0) await clock.sleep((limit + 1) * 1000);
      if (count === 1) throw new Error("no database");
      return count === 2 ? (undefined as never) : status(200);
    });
    await submit(name, emulator.for(name));
    await emulator.clock.advance(LONG);
    const errors = emulator.callbacks.map(({ error }) => error);
    expect(errors.slice(0, 3)).toEqual([`no answer within ${limit} s`, "no database", "deliver gave no Response"]);
    // The time until the next one begins when this one is over.
    expect(seconds(seen).slice(0, 3)).toEqual(
      SCHEDULES[name].slice(0, 3).map((at, index) => (index > 0 ? at + limit : at)),
    );
    if (name !== "aivideoapi") expect(emulator.callbacks.at(-1)).toMatchObject({ attempt: 4, status: 200 });
  });

  test("no receiver, when none is named", async () => {
    const { emulator } = receiving(() => status(200));
    const { path, body } = {
      apixo: {
        path: "/generateTask/kling-2-5-turbo-pro",
        body: { input: { prompt: "x" }, callback_url: CALLBACK_URL },
      },
      aivideoapi: {
        path: "/videos/generations",
        body: { model: "kling-2.6", input: { prompt: "x", image_urls: ["https://a.test/1.png"] } },
      },
      apimodels: { path: "/video/generations", body: { model: "kling-v2-6", prompt: "x" } },
    }[name];
    const answer = await caller(emulator.for(name))(path, { method: "POST", body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    await emulator.clock.advance(LONG);
    expect(emulator.callbacks).toEqual([]);
  });

  test("of a task that fails as well, and when its end has moved", async () => {
    const { emulator, seen } = receiving(() => status(200));
    const poll = {
      apixo: "/statusTask/kling-2-6?taskId=",
      aivideoapi: "/tasks/",
      apimodels: "/video/generations?task_id=",
    };
    const id = await submit(name, emulator.for(name), CALLBACK_URL, "[stuck]");
    await emulator.clock.advance(LONG);
    expect(seen).toEqual([]);
    const code = { apixo: "NSFW", aivideoapi: "upstream_error", apimodels: "TIMEOUT" }[name];
    emulator.injectFault({ on: "poll", kind: `fail:${code}` });
    await caller(emulator.for(name))(poll[name] + id);
    await emulator.clock.advance(1);
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(seen[0]?.body)).toContain(code);
  });
});

test("a slow receiver that is in time is in time", async () => {
  const { emulator, seen } = receiving(async (_, { clock }) => {
    await clock.sleep(9_000);
    return status(200);
  });
  await submit("apimodels", emulator.for("apimodels"));
  await emulator.clock.advance(LONG);
  expect(seen).toHaveLength(1);
  expect(emulator.callbacks[0]?.status).toBe(200);
});

describe("the body", () => {
  const told = async (name: Name, prompt = "a waterfall") => {
    const { emulator, seen } = receiving(() => status(200));
    const id = await submit(name, emulator.for(name), CALLBACK_URL, prompt);
    await emulator.clock.advance(END);
    const [first] = seen;
    if (!first) throw new Error("nothing was told");
    const host = first.headers["content-type"];
    expect(host).toBe("application/json");
    return { id, emulator, end: Date.UTC(2026, 0, 1) + first.at, ...first, data: first.body.data ?? {} };
  };

  test("of APIXO is that of a status, and has both times of a failed task", async () => {
    const done = await told("apixo");
    const { createTime } = done.data as { createTime: number };
    const resultJson = JSON.stringify({ resultUrls: [`https://emulator.test/results/apixo/${done.id}.mp4`] });
    expect(done.body).toEqual({
      code: 200,
      message: "success",
      data: {
        taskId: done.id,
        state: "success",
        resultJson,
        createTime,
        completeTime: done.end,
        costTime: done.end - createTime,
      },
    });
    const failed = await told("apixo", "[fail:CONTENT_VIOLATION]");
    expect(failed.body).toEqual({
      code: 200,
      message: "success",
      data: {
        taskId: failed.id,
        state: "failed",
        failCode: "CONTENT_VIOLATION",
        failMsg: "Content does not meet safety guidelines",
        createTime,
        completeTime: failed.end,
      },
    });
  });

  test("of AIVideoAPI is a bare task, with its headers", async () => {
    const done = await told("aivideoapi");
    const end = Math.floor(done.end / 1000);
    expect(done.body).toEqual({
      id: done.id,
      status: "completed",
      model: "kling-2.6",
      created_at: Date.UTC(2026, 0, 1) / 1000,
      completed_at: end,
      output: {
        urls: [`https://emulator.test/results/aivideoapi/${done.id}.mp4`],
        metadata: { model: "kling-2.6/image-to-video" },
      },
    });
    expect(done.headers).toMatchObject({
      "x-event": "task.completed",
      "x-task-id": done.id,
      "x-timestamp": String(end),
    });
    const failed = await told("aivideoapi", "[fail:upstream_error]");
    expect(failed.headers["x-event"]).toBe("task.failed");
    expect(failed.body).toMatchObject({
      status: "failed",
      error: { code: "upstream_error", message: "Video generation failed" },
    });
  });

  test("of APIModels has JSON in strings, and no header of its own", async () => {
    const done = await told("apimodels");
    const { createTime } = done.data as { createTime: number };
    expect(done.body).toEqual({
      code: 200,
      msg: "success",
      data: {
        taskId: done.id,
        model: "kling-video/kling-v2-6",
        state: "completed",
        param: '{"model":"kling-v2-6","prompt":"a waterfall"}',
        resultJson: JSON.stringify({
          resultUrls: [`https://emulator.test/results/apimodels/${done.id}.mp4`],
          videoDuration: 5,
          videoSize: "864x486",
          videoModel: "kling-v2-6",
        }),
        failCode: null,
        failMsg: null,
        costTime: done.end - createTime,
        completeTime: done.end,
        createTime,
      },
    });
    expect(Object.keys(done.headers)).toEqual(["content-type"]);
    const failed = await told("apimodels", "[fail:TIMEOUT]");
    expect(failed.data).toMatchObject({
      state: "failed",
      resultJson: null,
      failCode: "TIMEOUT",
      failMsg: "Generation timed out",
    });
  });

  test("of a planted task is there to be shown", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const task = { taskId: "clxxx", model: "kling-v2-6", state: "completed", createTime: 1000, completeTime: 3000 };
    setState(emulator, {
      vendor: "apimodels",
      task: { ...task, resultUrl: "https://r2.apimodels.app/videos/xxx.mp4" },
    });
    const request = { model: "kling-v2-6", prompt: "A girl", callback_url: "https://app.test/x" };
    const shown = callbackOf(emulator, { vendor: "apimodels", taskId: "clxxx", request });
    expect(shown.method).toBe("POST");
    expect(shown.headers.get("content-type")).toBe("application/json");
    expect(await shown.json()).toMatchObject({
      data: {
        costTime: 2000,
        param: '{"model":"kling-v2-6","prompt":"A girl"}',
        resultJson: expect.stringContaining("r2.apimodels.app"),
      },
    });
    expect(() => callbackOf(emulator, { vendor: "apixo", taskId: "clxxx" })).toThrow(/no task "clxxx" that has ended/);
  });
});
