import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "../emulator.ts";
import { setState } from "../given-state.ts";
import { boxes } from "../mp4.ts";
import { callerOf, isBack, met, patience, transports } from "../test/fault-helpers.ts";
import { textToVideo, urlOf } from "../test/helpers.ts";
import type { Fault } from "./kinds.ts";
import type { FaultOptions } from "./options.ts";

type Case = Omit<FaultOptions, "on"> & { kind: Fault };

let emulator: Emulator;
let server: EmulatorServer;
beforeAll(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
});
afterAll(() => server.close());
beforeEach(() => emulator.reset());

const POLLS: [Case, RegExp][] = [
  [{ kind: "reset-before-read" }, /^fetch failed <- ECONNRESET/],
  [{ kind: "reset-after-accept" }, /^fetch failed <- ECONNRESET/],
  [{ kind: "close-after-accept" }, /^fetch failed <- UND_ERR_SOCKET$/],
  [{ kind: "no-answer" }, /^TimeoutError$/],
  [{ kind: "cut" }, /^200 \{"code":200,.{10,50} \| terminated <- UND_ERR_SOCKET$/],
  [{ kind: "cut", at: 0.9 }, /^200 \{"code":200,.{60,} \| terminated <- UND_ERR_SOCKET$/],
  [{ kind: "cut-no-length" }, /^200 \{"code":200,.{10,50}$/],
  [{ kind: "empty" }, /^200$/],
  [{ kind: "html-200" }, /^200 <html>/],
  [{ kind: "html-502" }, /^502 <html>/],
  [{ kind: "302" }, /^302$/],
  [{ kind: "307" }, /^307$/],
  [{ kind: "idle-408" }, /^408 Request Timeout$/],
  [{ kind: "404" }, /^404 \{"code":404,"message":"Task not found","data":null\}$/],
  [{ kind: "429" }, /^429 \{/],
  [{ kind: "500" }, /^500 \{/],
  [{ kind: "502" }, /^502 Bad Gateway$/],
  [{ kind: "503" }, /^503 \{/],
  [{ kind: "unknown-state" }, /^200 .*"state":"paused"/],
  [{ kind: "listener-gone" }, /^fetch failed <- ECONNRESET/],
];

describe.each(transports)("a fault on a poll, %s", (transport) => {
  test.each(POLLS)("%j, and the next one is well", async (fault, expected) => {
    const { calls, status } = callerOf(emulator, server, transport);
    const id = await calls.created(textToVideo);
    emulator.injectFault({ on: "poll", ...fault });
    expect((await calls.balance()).status).toBe(200); // which is no poll
    expect(await met(status(id, patience(fault.kind, emulator)))).toMatch(expected);
    if (fault.kind === "listener-gone") await isBack(server);
    expect(await met(status(id))).toMatch(/"state":"pending"/);
    expect(emulator.requests.map((request) => request.fault)).toEqual([undefined, undefined, fault.kind, undefined]);
    expect(emulator.ledger).toHaveLength(1);
  });

  test("stuck: a running task never ends, one that has ended stays so", async () => {
    const { calls } = callerOf(emulator, server, transport);
    const [a, b] = [await calls.created(textToVideo), await calls.created(textToVideo)];
    emulator.injectFault({ on: "poll", kind: "stuck" });
    await calls.status(a);
    await emulator.clock.advance(86_400_000);
    expect((await calls.status(a)).body.data["state"]).toBe("processing");
    emulator.injectFault({ on: "poll", kind: "stuck" });
    expect((await calls.status(b)).body.data["state"]).toBe("success");
    expect(emulator.requests.at(-1)).not.toHaveProperty("fault");
  });

  test("fail: a running task has failed now, with the vendor's words for it", async () => {
    const { calls } = callerOf(emulator, server, transport);
    const id = await calls.created(textToVideo);
    emulator.injectFault({ on: "poll", kind: "fail:NSFW_DETECTED" });
    const failed = { taskId: id, state: "failed", failCode: "NSFW_DETECTED", failMsg: "NSFW content detected" };
    for (let i = 0; i < 2; i++) expect((await calls.status(id)).body.data).toEqual(failed);
  });
});

describe.each(transports)("a fault on a download, %s", (transport) => {
  const given = async () => {
    setState(emulator, { vendor: "apixo", task: { taskId: "task_1", model: "kling-2-6", state: "success" } });
    const { calls, file } = callerOf(emulator, server, transport);
    const url = async () => urlOf(await calls.status("task_1"));
    const whole = new Uint8Array(await (await file(await url())).arrayBuffer());
    return { file, url, whole };
  };

  test.each([
    [{ kind: "reset-after-accept" }, /^fetch failed <- ECONNRESET/],
    [{ kind: "no-answer" }, /^TimeoutError$/],
    [{ kind: "empty" }, /^200$/],
    [{ kind: "html-200" }, /^200 <html>/],
    [{ kind: "html-502" }, /^502 <html>/],
    [{ kind: "302" }, /^302$/],
    [{ kind: "307" }, /^307$/],
    [{ kind: "404" }, /^404 Not Found$/],
    [{ kind: "429" }, /^429$/],
    [{ kind: "500" }, /^500$/],
    [{ kind: "503" }, /^503$/],
  ] as [Case, RegExp][])("%j", async (fault, expected) => {
    const { file, url } = await given();
    emulator.injectFault({ on: "download", ...fault });
    expect(await met(file(await url(), {}, patience(fault.kind, emulator)))).toMatch(expected);
  });

  test.each([0, 0.1, 0.5, 0.9])("cut at %d: the length is whole, the body is not", async (at) => {
    const { file, url, whole } = await given();
    emulator.injectFault({ on: "download", kind: "cut", at });
    const answer = await file(await url());
    expect(answer.headers.get("content-length")).toBe(String(whole.byteLength));
    const { bytes, error } = await read(answer);
    expect(bytes).toEqual(whole.subarray(0, Math.floor(whole.byteLength * at)));
    expect(error).toMatchObject({ message: "terminated", cause: { code: "UND_ERR_SOCKET" } });
  });

  test("cut-mp4: a part of the file as if it were all of it", async () => {
    const { file, url, whole } = await given();
    emulator.injectFault({ on: "download", kind: "cut-mp4" });
    const answer = await file(await url());
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-length")).toBe(null);
    const { bytes, error } = await read(answer);
    expect(error).toBeUndefined();
    expect(bytes.byteLength).toBe(Math.floor(whole.byteLength / 2));
    expect(() => [...boxes(bytes)]).toThrow(/does not fit/);
  });

  test("wrong-length: a part says that there is more; the whole ends too early", async () => {
    const { file, url, whole } = await given();
    const size = whole.byteLength;
    emulator.injectFault({ on: "download", kind: "wrong-length", times: 2 });
    const part = await file(await url(), { range: "bytes=100-" });
    expect(part.headers.get("content-range")).toBe(`bytes 100-${size - 1}/${size + 1024}`);
    expect((await read(part)).bytes).toEqual(whole.subarray(100));
    const all = await file(await url());
    expect(all.headers.get("content-length")).toBe(String(size + 1024));
    expect(await read(all)).toMatchObject({ bytes: whole, error: { message: "terminated" } });
  });

  test("other-file: from now on another one, as good as the first", async () => {
    const { file, url, whole } = await given();
    emulator.injectFault({ on: "download", kind: "other-file" });
    const other = await file(await url());
    const { bytes } = await read(other);
    expect([...boxes(bytes)].map(({ type }) => type)).toEqual([...boxes(whole)].map(({ type }) => type));
    expect(bytes.subarray(-65_536)).not.toEqual(whole.subarray(-65_536));
    const again = await file(await url());
    expect(again.headers.get("etag")).toBe(other.headers.get("etag"));
    await again.body?.cancel();
  });

  test("expired: that address is dead, and the status has a new one", async () => {
    const { file, url, whole } = await given();
    const old = await url();
    emulator.injectFault({ on: "download", kind: "expired" });
    for (let i = 0; i < 2; i++) expect(await met(file(old))).toBe("404 Not Found");
    const fresh = await url();
    expect(fresh).not.toBe(old);
    expect((await read(await file(fresh))).bytes).toEqual(whole);
  });

  test("HEAD is no download", async () => {
    const { file, url } = await given();
    emulator.injectFault({ on: "download", kind: "cut" });
    const send = transport === "in process" ? emulator.fetch : fetch;
    const answer = await send(await url(), { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
    expect(await read(await file(await url()))).toMatchObject({ error: { message: "terminated" } });
  });
});

async function read(answer: Response): Promise<{ bytes: Uint8Array; error?: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of answer.body ?? []) chunks.push(chunk as Uint8Array);
  } catch (error) {
    return { bytes: new Uint8Array(Buffer.concat(chunks)), error };
  }
  return { bytes: new Uint8Array(Buffer.concat(chunks)) };
}
