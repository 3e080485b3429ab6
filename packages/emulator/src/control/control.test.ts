import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "../emulator.ts";
import { submit } from "../test/callback-helpers.ts";
import { control } from "../test/control-helpers.ts";
import { client, textToVideo } from "../test/helpers.ts";

let emulator: Emulator;
let server: EmulatorServer;
let api: ReturnType<typeof control>;
beforeEach(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
  api = control(server);
});
afterEach(() => server.close());

const created = () => client(server.for("apixo")).created(textToVideo);
const apixo = () => client(server.for("apixo"));

describe("reading", () => {
  test("the root says what is emulated, and where", async () => {
    const { body } = await api.get("");
    expect(body).toMatchObject({ scope: "", clock: { mode: "manual" } });
    expect((body["vendors"] as object[])[0]).toMatchObject({ name: "apixo", baseUrl: `${server.url}/api/v1` });
  });

  test("a task is in the list, and its result once it has succeeded", async () => {
    const id = await created();
    const { body } = await api.get("/tasks");
    expect(body).toMatchObject({
      total: 1,
      tasks: [{ id, vendor: "apixo", model: "kling-2-6", state: "pending", prompt: "a waterfall", resultUrl: null }],
    });
    await emulator.clock.advance(70_000);
    const after = (await api.get(`/tasks/${id}`)).body;
    expect(after).toMatchObject({ state: "succeeded", resultUrl: `${server.url}/results/apixo/${id}.mp4` });
    expect((await fetch(after["resultUrl"] as string)).status).toBe(200);
  });

  test("another start is another instance, and a reset is none", async () => {
    const { body } = await api.get("");
    await api.post("/reset");
    expect((await api.get("")).body["instance"]).toBe(body["instance"]);
    const other = await createEmulator().listen();
    expect((await control(other).get("")).body["instance"]).not.toBe(body["instance"]);
    await other.close();
  });

  test("tasks are found by state, vendor and words", async () => {
    await created();
    const total = async (query: string) => (await api.get(`/tasks?${query}`)).body["total"];
    expect(await total("q=WATER")).toBe(1);
    expect(await total("q=fire")).toBe(0);
    expect(await total("state=pending")).toBe(1);
    expect(await total("state=failed")).toBe(0);
    expect(await total("vendor=apimodels")).toBe(0);
  });

  test("a timeline tells a task's submit, charge, polls, end and download in order", async () => {
    const id = await created();
    await apixo().status(id);
    await emulator.clock.advance(70_000);
    await apixo().status(id);
    await (await fetch(`${server.url}/results/apixo/${id}.mp4`)).arrayBuffer();
    const { timeline } = (await api.get(`/tasks/${id}/timeline`)).body as { timeline: { kind: string; at: number }[] };
    const kinds = timeline.map(({ kind }) => kind);
    expect(kinds).toEqual(["submit", "charge", "poll", "processing", "succeeded", "poll", "download"]);
    expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  test("an exchange has headers and bodies of both directions, and no key", async () => {
    const id = await created();
    const { requests } = (await api.get(`/requests?taskId=${id}`)).body as { requests: { id: number }[] };
    const { body, text } = await api.get(`/requests/${requests[0]?.id}`);
    expect(body).toMatchObject({
      method: "POST",
      status: 200,
      requestHeaders: { authorization: "Bearer ••••", "content-type": "application/json" },
      requestBody: textToVideo,
    });
    expect(JSON.parse(body["responseBody"] as string)).toMatchObject({ data: { taskId: id } });
    expect(text).not.toContain("emulator-key-apixo");
  });

  test("a header that is not known may be a secret, and so may what a callback's URL ends with", async () => {
    const { apiKey, baseUrl } = server.for("apixo");
    await fetch(`${baseUrl}/generateTask/kling-2-6`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json",
        "x-api-key": "s3cret",
        cookie: "s3cret",
      },
      body: JSON.stringify({
        ...textToVideo,
        request_type: "callback",
        callback_url: "http://127.0.0.1:1/hooks/very-s3cret?key=s3cret",
        api_key: "s3cret",
      }),
    });
    const { requests } = (await api.get("/requests")).body as { requests: { id: number }[] };
    const { text } = await api.get(`/requests/${requests[0]?.id}`);
    expect(text).toContain("http://127.0.0.1:1/hooks/very-s3c…?…");
    expect(text.replaceAll("very-s3c…", "")).not.toContain("s3cret");
  });

  test("ledger and balances judge what was paid", async () => {
    const id = await created();
    expect((await api.get("/ledger")).body).toMatchObject({
      total: 1,
      ledger: [{ taskId: id, usd: 0.1, kind: "charge" }],
    });
    expect((await api.get("/balances")).body).toMatchObject({
      balances: [
        { vendor: "apixo", usd: 99.9, spentUsd: 0.1 },
        { vendor: "aivideoapi", usd: 100 },
        { vendor: "apimodels", usd: 100 },
      ],
    });
  });

  test.each(["/tasks/none", "/tasks/none/timeline", "/requests/77", "/nothing"])("%s is not found", async (path) => {
    expect((await api.get(path)).status).toBe(404);
  });

  test("nothing of it is in the log of requests, and no time waits for it", async () => {
    await api.get("/tasks");
    expect(emulator.requests).toEqual([]);
    const events = await fetch(`${server.url}/_emulator/events`);
    await emulator.clock.advance(1_000); // would wait for an open exchange
    await events.body?.cancel();
  });
});

describe("faults", () => {
  test("one that is added changes the next request, and goes", async () => {
    const id = await created();
    const added = await api.post("/faults", { on: "poll", kind: "503" });
    expect([added.status, added.body]).toMatchObject([201, { kind: "503", left: 1 }]);
    expect((await api.get("/faults")).body).toMatchObject({ faults: [{ on: "poll", kind: "503" }] });
    expect((await apixo().status(id)).status).toBe(503);
    expect((await api.get("/faults")).body).toEqual({ faults: [] });
    expect((await apixo().status(id)).status).toBe(200);
  });

  test("one without end stays until it is removed, or all are", async () => {
    const { body } = await api.post("/faults", { on: "poll", kind: "503", times: null });
    await api.post("/faults", { on: "submit", kind: "500" });
    expect(body).toMatchObject({ times: null, left: null });
    expect((await api.del(`/faults/${String(body["id"])}`)).body).toMatchObject({ faults: [{ on: "submit" }] });
    expect((await api.del("/faults/999")).status).toBe(404);
    expect((await api.del("/faults")).body).toEqual({ faults: [] });
  });

  test.each<[object, RegExp]>([
    [{ on: "poll", kind: "nonsense" }, /there is no fault "nonsense"/],
    [{ on: "callback", kind: "503" }, /is a fault on/],
    [{ on: "poll", kind: "503", times: 0 }, /times must be/],
  ])("a wrong one is refused by name: %j", async (fault, words) => {
    const { status, body } = await api.post("/faults", fault);
    expect(status).toBe(400);
    expect((body["error"] as { message: string }).message).toMatch(words);
  });

  test.each(["[]", "1", "{", '"x"'])("a body that is no object is refused: %s", async (text) => {
    const headers = { authorization: `Bearer ${server.token}`, "content-type": "application/json" };
    expect((await fetch(`${server.url}/_emulator/faults`, { method: "POST", headers, body: text })).status).toBe(400);
  });
});

describe("actions", () => {
  test("finish ends a task now", async () => {
    const id = await created();
    expect((await api.post(`/tasks/${id}/finish`)).body).toMatchObject({ state: "succeeded" });
    expect((await apixo().status(id)).body.data["state"]).toBe("success");
  });

  test("fail ends it with a code that the vendor documents, and with no other", async () => {
    const id = await created();
    expect((await api.post(`/tasks/${id}/fail`, { code: "NONSENSE" })).status).toBe(409);
    expect((await api.post(`/tasks/${id}/fail`, { code: "CONTENT_VIOLATION" })).body).toMatchObject({
      state: "failed",
    });
    expect((await apixo().status(id)).body.data).toMatchObject({ state: "failed", failCode: "CONTENT_VIOLATION" });
  });

  test("stick keeps it running for ever, until it is finished", async () => {
    const id = await created();
    expect((await api.post(`/tasks/${id}/stick`)).body).toMatchObject({ endsAt: null });
    await emulator.clock.advance(86_400_000);
    expect((await api.get(`/tasks/${id}`)).body).toMatchObject({ state: "processing" });
    expect((await api.post(`/tasks/${id}/finish`)).body).toMatchObject({ state: "succeeded" });
  });

  test("what has ended stays as it ended", async () => {
    const id = await created();
    await api.post(`/tasks/${id}/finish`);
    for (const action of ["fail", "finish", "stick"]) {
      const { status, body } = await api.post(`/tasks/${id}/${action}`);
      expect([status, body]).toMatchObject([409, { error: { code: "state" } }]);
    }
  });

  test("a failed task of a vendor that refunds is refunded at once", async () => {
    const { aivideoapi } = { aivideoapi: await submit("aivideoapi", server.for("aivideoapi")) };
    await api.post(`/tasks/${aivideoapi}/fail`);
    expect((await api.get("/ledger")).body["ledger"]).toMatchObject([{ kind: "refund" }, { kind: "charge" }]);
  });

  test("advance moves the clock, and what is due happens", async () => {
    const id = await created();
    const before = emulator.clock.now();
    expect((await api.post("/clock/advance", { ms: 70_000 })).body).toEqual({ mode: "manual", now: before + 70_000 });
    expect((await api.get(`/tasks/${id}`)).body).toMatchObject({ state: "succeeded" });
    for (const ms of [-1, "1", null, 1e12])
      expect((await api.post("/clock/advance", { ms } as object)).status).toBe(400);
  });

  test("reset forgets everything", async () => {
    await created();
    await api.post("/reset");
    expect((await api.get("/tasks")).body).toMatchObject({ total: 0 });
    expect((await api.get("/requests")).body).toMatchObject({ total: 0 });
    expect((await api.get("/ledger")).body).toMatchObject({ total: 0 });
  });
});

describe("the real clock", () => {
  test("can be moved, too: sleepers wake who are due by then, and dates go with it", async () => {
    const own = createEmulator();
    const listening = await own.listen();
    try {
      const id = await client(listening.for("apixo")).created(textToVideo);
      const woken = own.clock.sleep(100_000).then(() => "woken");
      const answer = await control(listening).post("/clock/advance", { ms: 100_000 });
      expect(Number(answer.body["now"]) - Date.now()).toBeGreaterThan(99_000);
      expect(await woken).toBe("woken");
      expect((await control(listening).get(`/tasks/${id}`)).body).toMatchObject({ state: "succeeded" });
    } finally {
      await listening.close();
    }
  });
});

describe("callbacks", () => {
  const told: { path: string; body: Record<string, unknown> }[] = [];
  const receiver = createServer((incoming, outgoing) => {
    let text = "";
    incoming.on("data", (chunk: Buffer) => (text += chunk.toString()));
    incoming.on("end", () => {
      told.push({ path: incoming.url ?? "", body: JSON.parse(text) as Record<string, unknown> });
      outgoing.writeHead(told.length === 1 ? 500 : 200).end();
    });
  });
  let url: string;
  beforeEach(async () => {
    told.length = 0;
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks/t0ken-of-mine`;
  });
  afterEach(() => new Promise((resolve) => receiver.close(resolve)));

  test("a forged one comes while the task runs, as attempt 0", async () => {
    const id = await submit("apixo", server.for("apixo"), url);
    const forged = await api.post(`/tasks/${id}/forge`, { kind: "forged-failure" });
    expect(forged.body).toMatchObject({ attempt: 0, fault: "forged-failure", status: 500 });
    expect(told[0]?.body).toMatchObject({ data: { taskId: id, state: "failed" } });
    expect((await api.post(`/tasks/${id}/forge`, { kind: "x" })).status).toBe(400);
  });

  test("the true one comes again after the end, as one more attempt, and each attempt is in the list", async () => {
    const id = await submit("apixo", server.for("apixo"), url);
    expect((await api.post(`/tasks/${id}/redeliver`)).status).toBe(409);
    await api.post(`/tasks/${id}/finish`);
    while (told.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const again = await api.post(`/tasks/${id}/redeliver`);
    expect(again.body).toMatchObject({ attempt: 2, status: 200 });
    expect(told[1]?.body).toEqual(told[0]?.body);
    const { callbacks } = (await api.get(`/callbacks?taskId=${id}`)).body as { callbacks: { attempt: number }[] };
    expect(callbacks.map(({ attempt }) => attempt)).toEqual([2, 1]);
    expect(JSON.stringify(callbacks)).not.toContain("t0ken-of-mine");
  });

  test("a task without a receiver has none to tell", async () => {
    const id = await created();
    expect((await api.post(`/tasks/${id}/forge`)).body).toMatchObject({ error: { code: "no_receiver" } });
    expect((await api.get(`/tasks/${id}`)).body).toMatchObject({ hasReceiver: false });
  });
});
