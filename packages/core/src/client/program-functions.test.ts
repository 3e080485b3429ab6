// The functions a program gives to a client: whichever throws, rejects, or answers with nonsense, a call ends as usual, and
// no rejection is left that would end the process.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import { saveVideo } from "../node/save-video.ts";
import { makeMp4 } from "../node/test/save-video-host.ts";
import { VidtaskError } from "../task/errors.ts";
import { acmeAnswers, acmeReceiver, DONE } from "../test/acme-callbacks.ts";
import { accepted, acmeClient, createAcme, done, ref, request, running } from "../test/acme.ts";
import { turns } from "../test/turns.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import type { Step } from "../testing/stub-fetch.ts";
import { KEY } from "../testing/vendor-suite.ts";
import type { Clock } from "../time/clock.ts";
import { openVideo } from "./functions.ts";

let folder: string;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vidtask-functions-"));
  unhandled.length = 0;
  process.on("unhandledRejection", onUnhandled);
});
afterEach(async () => {
  await turns(20);
  process.off("unhandledRejection", onUnhandled);
  await rm(folder, { recursive: true, force: true });
  expect(unhandled).toEqual([]);
});

const fault = () => new Error("mine");
const misbehaves: Record<string, () => unknown> = {
  throws: () => {
    throw fault();
  },
  rejects: () => Promise.reject(fault()),
  "rejects later": async () => {
    await turns(3);
    throw fault();
  },
  "rejects with nothing": () => Promise.reject(),
  "rejects with a promise of another realm": () => runInNewContext("Promise.reject(new Error('mine'))") as unknown,
};
const kinds = Object.entries(misbehaves);
const video = new Uint8Array(makeMp4(2_000));
const file: Step = () => new Response(video, { headers: { "content-length": "2000" } });

describe.each(kinds)("a function that %s", (_kind, misbehave) => {
  test("as onEvent, of the client and of the call, changes nothing", async () => {
    const onEvent = misbehave as () => void;
    const { client } = acmeClient([accepted, running, done, file], { onEvent });
    const task = await client.generate(request, { onEvent, poll: { first: 1, interval: 1 } });
    expect(task.state).toBe("succeeded");
    expect(await saveVideo(client, task, join(folder, "v.mp4"))).toMatchObject({ bytes: 2_000 });
  });

  test("as onProgress changes nothing", async () => {
    const { client } = acmeClient([done, file]);
    const onProgress = misbehave as () => void;
    expect(await saveVideo(client, ref, join(folder, "v.mp4"), { onProgress })).toMatchObject({ bytes: 2_000 });
  });

  test("as onTask makes the vendor call again", async () => {
    const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { onTask: misbehave });
    await acme.pay();
    expect(await acme.callBack(acme.urls()[0])).toBe(503);
  });

  test("as waitUntil changes nothing", async () => {
    const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
    await acme.pay();
    const posted = new Request(acme.urls()[0] ?? "", { method: "POST", body: '{"id":"t1"}' });
    expect((await acme.receiver.fetch(posted, { waitUntil: misbehave as () => void })).status).toBe(200);
  });

  test("as upload ends the submit before anything is paid", async () => {
    const { client, posts } = acmeClient([accepted], { upload: misbehave as never });
    const image = new Blob(["x"], { type: "image/png" });
    const error: unknown = await client
      .submit({ ...request, image, endImage: image })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ConnectionError", billed: "no" });
    expect(posts()).toBe(0);
  });

  test("as prices is refused before anything is paid", async () => {
    const { client, posts } = acmeClient([accepted], { prices: misbehave as () => number });
    await expect(client.submit(request)).rejects.toMatchObject({ code: "invalid_request", billed: "no" });
    expect(() => client.plan(request)).toThrow("prices: must be");
    expect(posts()).toBe(0);
  });

  test("as fetch is an error of ours, of every call", async () => {
    const own = createAcme({ apiKey: KEY, clock: jumpClock(), fetch: misbehave as never });
    const aborted = new AbortController();
    const calls = [
      own.submit(request, { submitTimeout: 1_000 }),
      own.get(ref),
      own.get(ref, { signal: aborted.signal }),
      own.wait(ref, { waitTimeout: 20_000 }),
      own.balance?.(),
      openVideo(own, ref),
      saveVideo(own, ref, join(folder, "v.mp4")),
      openVideo(own, { ...ref, state: "succeeded", videos: [{ url: "https://cdn.acme.test/v.mp4" }] } as never),
    ];
    aborted.abort();
    for (const end of await Promise.allSettled(calls))
      expect(end.status === "rejected" && VidtaskError.isInstance(end.reason)).toBe(true);
  });
});

describe("a clock", () => {
  const broken = (part: keyof Clock, misbehave: () => unknown): Clock => ({ ...jumpClock(), [part]: misbehave });
  const settings = (clock: Clock): ClientOptions => ({ clock, poll: { first: 1, interval: 1 } });

  test.each(kinds)("whose now %s is replaced by real time", async (_kind, misbehave) => {
    const { client } = acmeClient([accepted, running, done], settings(broken("now", misbehave)));
    expect((await client.generate(request)).state).toBe("succeeded");
  });

  test.each(kinds)("whose elapsed %s is replaced by real time", async (_kind, misbehave) => {
    const { client } = acmeClient([accepted, running, done], settings(broken("elapsed", misbehave)));
    expect((await client.generate(request)).state).toBe("succeeded");
  });

  test.each(kinds)("whose sleep %s is replaced by real time", async (_kind, misbehave) => {
    const { client, seen } = acmeClient([accepted, running, done], settings(broken("sleep", misbehave)));
    expect((await client.generate(request)).state).toBe("succeeded");
    expect(seen).toHaveLength(3);
  });
});
