// A vendor of an outsider's own: what a wrong dialect says, and what a right one gets for free.
import { describe, expect, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { receiving, status } from "../test/callback-helpers.ts";
import { caller } from "../test/helpers.ts";
import { twoSecrets } from "../test/two-secrets.ts";
import { defineDialect } from "./define-dialect.ts";
import type { Dialect } from "./dialect.ts";
import { oneOf } from "./rules.ts";

type Body = Record<string, unknown>;

const spec: Dialect<{ apiKey: string }> = {
  name: "acme",
  path: "/v9",
  secrets: { apiKey: "acme-emulator-key" },
  states: { queued: "pending", running: "processing", done: "succeeded", error: "failed" },
  stateKey: "status",
  failCodes: { nsfw: "the prompt is not allowed" },
  refunds: true,
  refuse: (status, message) => ({ status, body: { error: message } }),
  submit: {
    route: "POST /tasks",
    task: ({ body }) =>
      typeof body["prompt"] === "string"
        ? { model: "acme-1", clip: { prompt: body["prompt"] }, usd: 0.5, time: [20_000, 20_000] }
        : { refused: { status: 422, body: { error: "prompt is missing" } } },
    accepted: ({ id }) => ({ body: { id } }),
  },
  status: {
    route: "GET /tasks/:id",
    answer: ({ task, state, url, queuePosition }) => ({ body: { id: task.id, status: state, url, queuePosition } }),
  },
};
const acme = defineDialect(spec);

function setUp(more: Partial<Dialect<{ apiKey: string }>> = {}, options: Parameters<typeof createEmulator>[0] = {}) {
  const vendor = defineDialect({ ...spec, ...more });
  const emulator = createEmulator({ clock: "manual", ...options, vendors: [vendor] });
  const target = emulator.for(vendor);
  const call = caller<Body>(target);
  const key = { authorization: `Bearer ${target.apiKey}`, "content-type": "application/json" };
  const submit = (prompt = "a waterfall", headers: Record<string, string> = {}) =>
    call("/tasks", { method: "POST", body: JSON.stringify({ prompt }), headers: { ...key, ...headers } });
  return {
    vendor,
    emulator,
    call,
    submit,
    created: async (prompt?: string) => String((await submit(prompt)).body["id"]),
  };
}

describe("a dialect", () => {
  test("is played like the vendors of this package: time, money, results, refusals, unknown paths", async () => {
    const { emulator, call, created } = setUp();
    const id = await created();
    expect((await call(`/tasks/${id}`)).body).toMatchObject({ id, status: "pending" });
    await emulator.clock.advance(20_000);
    const { body } = await call(`/tasks/${id}`);
    expect(body).toMatchObject({ status: "succeeded" });
    expect((await emulator.fetch(String(body["url"]))).headers.get("content-type")).toBe("video/mp4");
    expect(emulator.ledger).toEqual([{ vendor: "acme", taskId: id, usd: 0.5, kind: "charge" }]);
    for (const [path, init, code] of [
      ["/tasks", { method: "POST", body: "{}" }, 422],
      ["/tasks", { method: "POST", body: "[]" }, 400],
      ["/tasks/none", {}, 404],
      ["/tasks/a/b", {}, 404],
      ["/tasks", { method: "PUT" }, 404],
      ["/tasks", { headers: {} }, 401],
    ] as const)
      expect(`${path} ${(await call(path, init)).status}`).toBe(`${path} ${code}`);
  });

  test("stands beside the three, and goes by its name or by itself", () => {
    const emulator = createEmulator({ vendors: [acme, "apixo"] });
    expect(emulator.for("acme")).toMatchObject({ apiKey: "acme-emulator-key", baseUrl: "https://emulator.test/v9" });
    expect(emulator.for(acme)).toEqual(emulator.for("acme"));
    expect(() => emulator.for("aivideoapi")).toThrow("not among the vendors of this emulator");
  });

  test("of several secrets gives all of them, by the names of the client's options", () => {
    const { accessKey, secretKey, baseUrl } = createEmulator({ vendors: [twoSecrets] }).for(twoSecrets);
    expect([accessKey, secretKey, baseUrl]).toEqual(["ak-emulator", "sk-emulator", "https://emulator.test/v2"]);
  });

  test.each(["404", "429", "500", "503", "402", "409", "422"] as const)(
    "refuses by %s in its own words",
    async (kind) => {
      const { emulator, submit } = setUp();
      emulator.injectFault({ on: "submit", kind });
      expect(await submit()).toMatchObject({ status: Number(kind), body: { error: expect.any(String) } });
      expect(emulator.ledger).toEqual([]);
    },
  );

  test("fails a task by the code it documents, and gives the charge back", async () => {
    const { emulator, call, created } = setUp();
    const id = await created("[fail:nsfw]");
    await emulator.clock.advance(20_000);
    expect((await call(`/tasks/${id}`)).body["status"]).toBe("failed");
    expect(emulator.ledger.map(({ kind }) => kind)).toEqual(["charge", "refund"]);
  });

  test("has settings of its own, each with a rule", () => {
    const vendor = defineDialect({ ...spec, settings: { tier: oneOf(["free", "paid"]) } });
    const make = (tier: string) => createEmulator({ vendors: [vendor], accounts: { acme: { tier } } });
    expect(() => make("gold")).toThrow("accounts.acme.tier must be free or paid");
    expect(() => make("paid")).not.toThrow();
  });

  test("whose function throws says so in a 500, with the route", async () => {
    const { emulator, vendor } = setUp({ routes: { "GET /broken": () => JSON.parse("no JSON") as { body: object } } });
    const { apiKey, baseUrl } = emulator.for(vendor);
    const answer = await emulator.fetch(`${baseUrl}/broken`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining("acme threw at GET /broken")]);
  });

  test("goes to a spelled-out route before one that takes anything, and decodes what it takes", async () => {
    const { call } = setUp({
      routes: {
        "GET /tasks/search": () => ({ body: { search: true } }),
        "GET /echo/:word": ({ params }) => ({ body: params }),
      },
    });
    expect((await call("/tasks/search")).body).toEqual({ search: true });
    expect((await call("/echo/a%20b")).body).toEqual({ word: "a b" });
  });

  test("tells a pending task how many are before it", async () => {
    const { emulator, call, created } = setUp();
    await created();
    await emulator.clock.advance(10);
    expect((await call(`/tasks/${await created()}`)).body["queuePosition"]).toBe(1);
  });
});

describe("an idempotent front", () => {
  const HOUR = 3_600_000;
  const front = { idempotency: { header: "idempotency-key", windowMs: HOUR } };
  const token = { "idempotency-key": "t-1" };

  test("gives the same task for the same token and body, charged once, as long as its window lasts", async () => {
    const { emulator, submit } = setUp(front);
    const first = await submit("a", token);
    await emulator.clock.advance(HOUR - 1);
    expect(await submit("a", token)).toEqual(first);
    expect(emulator.ledger).toHaveLength(1);
    await emulator.clock.advance(1);
    expect((await submit("a", token)).body["id"]).not.toBe(first.body["id"]);
    expect(emulator.ledger).toHaveLength(2);
  });

  test("refuses another body under the same token", async () => {
    const { emulator, submit } = setUp(front);
    await submit("a", token);
    expect((await submit("b", token)).status).toBe(409);
    expect(emulator.ledger).toHaveLength(1);
  });

  test("keeps no token of a submit that it refused", async () => {
    const { emulator, submit } = setUp(front);
    emulator.injectFault({ on: "submit", kind: "402" });
    expect((await submit("a", token)).status).toBe(402);
    expect((await submit("b", token)).status).toBe(200);
  });

  test("can be broken at a second sending only", async () => {
    const { emulator, submit } = setUp(front);
    emulator.injectFault({ on: "submit", kind: "429", resent: true, times: Infinity });
    const statuses = [await submit("a", token), await submit("b"), await submit("a", token)].map((one) => one.status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(() => emulator.injectFault({ on: "poll", kind: "404", resent: true })).toThrow("resent says nothing");
  });
});

describe("a list", () => {
  const list: Partial<Dialect<{ apiKey: string }>> = {
    list: {
      route: "GET /tasks",
      lagMs: 5_000,
      answer: (tasks) => ({ body: { ids: [...tasks].map(({ task }) => task.id) } }),
    },
  };
  test("has a task when it is old enough, the newest first; and later still under a fault", async () => {
    const { emulator, call, created } = setUp(list);
    const ids = async () => (await call("/tasks")).body["ids"];
    const first = await created();
    await emulator.clock.advance(4_999);
    expect(await ids()).toEqual([]);
    const second = await created();
    await emulator.clock.advance(5_000);
    expect(await ids()).toEqual([second, first]);
    emulator.injectFault({ on: "find", kind: "lagging", delay: 9_999 });
    expect(await ids()).toEqual([first]);
  });
});

describe("a cancel", () => {
  const cancel = { route: "DELETE /tasks/:id", failure: { code: "cancelled" }, answer: () => ({ body: {} }) } as const;
  const stop = { method: "DELETE" };

  test("fails a running task now, gives its charge back, and calls back", async () => {
    const { emulator, call, created } = setUp({ cancel });
    const id = await created();
    expect((await call(`/tasks/${id}`, stop)).status).toBe(200);
    expect((await call(`/tasks/${id}`)).body["status"]).toBe("failed");
    expect(emulator.ledger).toHaveLength(2);
  });

  test("comes too late for a task that has ended, also by a fault at the last moment", async () => {
    const { emulator, call, created } = setUp({ cancel });
    const id = await created();
    emulator.injectFault({ on: "cancel", kind: "too-late" });
    expect((await call(`/tasks/${id}`, stop)).status).toBe(409);
    expect((await call(`/tasks/${id}`)).body["status"]).toBe("succeeded");
    expect(emulator.ledger).toHaveLength(1);
  });

  test("stops the task also where its answer is lost", async () => {
    const { emulator, call, created } = setUp({ cancel });
    const id = await created();
    emulator.injectFault({ on: "cancel", kind: "reset-after-accept" });
    await expect(call(`/tasks/${id}`, stop)).rejects.toThrow();
    expect((await call(`/tasks/${id}`)).body["status"]).toBe("failed");
  });

  test("deletes an ended task with its video, where the vendor does", async () => {
    const { emulator, call, created } = setUp({ cancel: { ...cancel, destroys: true } });
    const id = await created();
    await emulator.clock.advance(20_000);
    const { url } = (await call(`/tasks/${id}`)).body;
    await call(`/tasks/${id}`, stop);
    expect([(await call(`/tasks/${id}`)).status, (await emulator.fetch(String(url))).status]).toEqual([404, 404]);
    expect(emulator.ledger).toHaveLength(1);
  });
});

describe("callbacks of a dialect", () => {
  const callback: Dialect["callback"] = {
    urlOf: () => "https://app.test/hook",
    message: ({ task, url }) => ({ body: { id: task.id, url } }),
    sign: (body, { apiKey = "" }, now) => ({ "x-signed": `${apiKey} ${now} ${body.length}` }),
  };
  const told = async (kind?: "tampered" | "replayed" | "forged") => {
    const vendor = defineDialect({ ...spec, callback });
    const { emulator, seen } = receiving(() => status(200), { vendors: [vendor] });
    if (kind) emulator.injectFault({ on: "callback", kind });
    const call = caller<Body>(emulator.for(vendor));
    await call("/tasks", { method: "POST", body: JSON.stringify({ prompt: "x" }) });
    await emulator.clock.advance(1_000_000);
    return { seen, signatures: seen.map(({ headers }) => headers["x-signed"] ?? "") };
  };

  test("are signed with the account's secrets, and delivered once by default", async () => {
    const { seen, signatures } = await told();
    expect(seen).toHaveLength(1);
    expect(signatures[0]).toMatch(/^acme-emulator-key \d+ /);
  });
  test("a tampered one has the headers of the true one and another body, and comes first", async () => {
    const { seen, signatures } = await told("tampered");
    expect(signatures[0]).toBe(signatures[1]);
    expect(JSON.stringify(seen[0]?.body)).toContain("forged.example");
    expect(JSON.stringify(seen[1]?.body)).not.toContain("forged.example");
  });
  test("a replayed one is the same ten minutes later", async () => {
    const { seen } = await told("replayed");
    expect([seen.length, seen[1]?.headers, seen[1]?.body]).toEqual([2, seen[0]?.headers, seen[0]?.body]);
    expect((seen[1]?.at ?? 0) - (seen[0]?.at ?? 0)).toBe(600_000);
  });
  test("a forger has none of the account's secrets", async () => {
    const { signatures } = await told("forged");
    expect(signatures[0]).toMatch(/^forged-apiKey /);
  });
});

describe("a wrong dialect is refused when it is defined, with the member named", () => {
  const { submit, status: read } = spec;
  const { refuse: _, ...mute } = spec;
  test.each<[member: string, dialect: unknown]>([
    ["name must be", { ...spec, name: "Acme" }],
    ["path must be", { ...spec, path: "/v1/" }],
    ["path must be", { ...spec, path: "v1" }],
    ["secrets must be", { ...spec, secrets: { apiKey: "" } }],
    ["secrets.apiKey must be", { ...spec, secrets: { accessKey: "a" } }],
    ["auth must be a function", { ...spec, auth: "Bearer" }],
    ["states must be", { ...spec, states: { done: "finished" } }],
    ["states must be", { ...spec, states: {} }],
    ["stateKey must be", { ...spec, stateKey: "" }],
    ["failCodes must be", { ...spec, failCodes: { a: 1 } }],
    ["refunds must be", { ...spec, refunds: "yes" }],
    ["refusals.badKey must be", mute],
    ["submit must be", { ...spec, submit: undefined }],
    ["submit.task must be", { ...spec, submit: { ...submit, task: {} } }],
    ["submit.accepted must be", { ...spec, submit: { ...submit, accepted: undefined } }],
    ["submit.route must be", { ...spec, submit: { ...submit, route: "POST tasks" } }],
    ["submit.route must be outside of /results", { ...spec, path: "", submit: { ...submit, route: "POST /results" } }],
    ["status must be", { ...spec, status: undefined }],
    ["status.idOf must be", { ...spec, status: { ...read, route: "GET /tasks" } }],
    ["status.route must be another", { ...spec, status: { ...read, route: "POST /tasks", idOf: () => "x" } }],
    ["result.answer must be", { ...spec, result: { route: "GET /r/:id" } }],
    ["list.lagMs must be", { ...spec, list: { route: "GET /tasks", answer: () => ({}), lagMs: -1 } }],
    ["cancel.failure must be", { ...spec, cancel: { route: "DELETE /tasks/:id", answer: () => ({}) } }],
    ["callback.urlOf must be", { ...spec, callback: { message: () => ({}) } }],
    ['routes["GET /x"] must be', { ...spec, routes: { "GET /x": {} } }],
    ['routes["FETCH /x"] must be', { ...spec, routes: { "FETCH /x": () => ({}) } }],
    ['routes["GET /tasks/:name"] must be another', { ...spec, routes: { "GET /tasks/:name": () => ({}) } }],
    ["idempotency.header must be", { ...spec, idempotency: { header: "a b", windowMs: 1 } }],
    ["idempotency.windowMs must be", { ...spec, idempotency: { header: "k", windowMs: 0 } }],
    ["requestsPerMinute must be", { ...spec, requestsPerMinute: 0 }],
    ["settings.x must be", { ...spec, settings: { x: 1 } }],
    ['there is no member "rout"', { ...spec, rout: {} }],
    ["must be an object", "acme"],
  ])("%s", (words, dialect) => {
    expect(() => defineDialect(dialect as Dialect)).toThrow(words);
  });

  test.each<[words: string, vendors: unknown[]]>([
    ["two of the name", [acme, defineDialect(spec)]],
    ["share paths below /v1/tasks", ["aivideoapi", defineDialect({ ...spec, path: "/v1" })]],
    ["share paths below", ["aivideoapi", defineDialect({ ...spec, path: "/v1/tasks" })]],
    ["there is no emulated vendor", [spec]],
  ])("and two that cannot be told apart when they are emulated: %s", (words, vendors) => {
    expect(() => createEmulator({ vendors: vendors as never })).toThrow(words);
  });
});
