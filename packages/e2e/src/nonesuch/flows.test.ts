// The invented vendor played and broken: what an outsider gets of a client of data and pure functions, end to end.
import { createReceiver, memoryJournal, type ClientOptions, type Task } from "@vidtask/core";
import { createEmulator, type FaultOptions } from "@vidtask/emulator";
import { describe, expect, test } from "vitest";
import { KEYS, nonesuchOf } from "./dialect.ts";
import { nonesuchVendor } from "./spec.ts";

type Ways = NonNullable<Parameters<typeof nonesuchVendor>[0]>;
type Dialect = NonNullable<Parameters<typeof nonesuchOf>[0]>;
const request = { model: "none-1", prompt: "a waterfall" } as const;
const HOUR = 3_600_000;

/** Durable, by the clock that all processes of a test share. */
const journalOf = (now: () => number) => ({ ...memoryJournal(), durable: true as const, now: async () => now() });

function setUp(ways: Ways = {}, dialect: Dialect = {}, options: ClientOptions & { accessKey?: string } = {}) {
  const vendor = nonesuchOf({ destroys: ways.destroys ?? false, ...dialect });
  const hook = { deliver: async (_: Request) => new Response() };
  const emulator = createEmulator({
    clock: "manual",
    vendors: [vendor],
    deliverCallback: (call) => hook.deliver(call),
  });
  const { clock } = emulator;
  const journal = journalOf(() => clock.now());
  const clientOf = (more: typeof options = {}, other: Ways = ways) =>
    nonesuchVendor(other)({ ...emulator.for(vendor), journal, ...options, ...more });
  const client = clientOf();
  const fault = (kind: FaultOptions["kind"], on: FaultOptions["on"] = "submit", more: Partial<FaultOptions> = {}) =>
    emulator.injectFault({ on, kind, ...more });
  const submit = (by = client) => clock.until(by.submit(request, { idempotencyKey: "k" }));
  const unknown = (by = client) => expect(submit(by)).rejects.toMatchObject({ code: "submit_unknown" });
  const posts = () => emulator.requests.filter(({ method, path }) => method === "POST" && path === "/v2/videos").length;
  const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").length;
  const wait = (task: Task) => clock.until(client.wait(task));
  return { emulator, clock, journal, client, clientOf, hook, fault, submit, unknown, posts, charges, wait };
}

describe("a task", () => {
  test("is told in two calls, with its place in the queue before", async () => {
    const { clock, client, submit, wait } = setUp();
    await clock.until(client.submit(request));
    await clock.advance(10);
    const task = await submit();
    expect(await clock.until(client.get(task))).toMatchObject({ state: "pending", queuePosition: 1 });
    expect(await wait(task)).toMatchObject({ state: "succeeded", videos: [{ duration: 4 }] });
  });

  test("fails by a documented 422 of the second call", async () => {
    const { client, clock, emulator, fault } = setUp();
    fault("fail:moderated");
    const failed = clock.until(client.generate(request));
    await expect(failed).rejects.toMatchObject({ task: { failure: { code: "content_rejected", billed: "no" } } });
    expect(emulator.ledger.map(({ kind }) => kind)).toEqual(["charge", "refund"]);
  });

  test.each(["500", "503", "502", "html-502", "html-200", "404", "429", "empty", "cut", "reset-after-accept"] as const)(
    "is not ended by %s in its second call",
    async (kind) => {
      const { emulator, client, clock, fault } = setUp();
      fault(kind, "result", { times: 2 });
      expect(await clock.until(client.generate(request))).toMatchObject({ state: "succeeded" });
      expect(emulator.requests.filter((one) => one.fault === kind)).toHaveLength(2);
    },
  );

  test("has its file inside the request, up to the size that is documented", async () => {
    const { client, clock, emulator } = setUp();
    const image = (size: number) => new Blob([new Uint8Array(size)], { type: "image/png" });
    await clock.until(client.submit({ ...request, image: image(40_000) }));
    const [post] = emulator.requests;
    expect(JSON.stringify(post?.body ?? "")).toContain('"image":"data:image/png;base64,');
    await expect(client.submit({ ...request, image: image(100_001) })).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(emulator.ledger).toHaveLength(1);
  });
});

describe("credentials", () => {
  test("are made anew for each call, so that a wait outlives each of them", async () => {
    const { submit, wait, clock, client } = setUp();
    const task = await submit();
    await clock.advance(HOUR);
    expect(await wait(task)).toMatchObject({ state: "succeeded" });
    expect(await clock.until(client.balance?.() ?? Promise.reject(new Error("no balance")))).toEqual({ usd: 99.8 });
  });

  test("that have expired are refused, and nothing is charged", async () => {
    const { clientOf, emulator, clock } = setUp();
    const late = { ...emulator.clock, now: () => clock.now() - HOUR };
    const submitting = clock.until(clientOf({ clock: late }).submit(request));
    await expect(submitting).rejects.toMatchObject({ code: "unauthorized", billed: "no" });
    expect(emulator.ledger).toEqual([]);
  });
});

describe("a submit whose answer is lost", () => {
  test("is found in the list, though that lags", async () => {
    const { submit, fault, posts, charges } = setUp({ resend: false });
    fault("reset-after-accept");
    expect(await submit()).toMatchObject({ id: expect.stringContaining("nonesuch_") });
    expect([posts(), charges()]).toEqual([1, 1]);
  });

  test("stays unknown while the list lags more, and is found by a later call", async () => {
    const { submit, unknown, clock, fault, posts, charges } = setUp({ resend: false }, { lagMs: 60_000 });
    fault("reset-after-accept");
    await unknown();
    await clock.advance(60_000);
    expect(await submit()).toMatchObject({ id: expect.stringContaining("nonesuch_") });
    expect([posts(), charges()]).toEqual([1, 1]);
  });

  test("frees no key where the list never has it, and the task turns up by its callback", async () => {
    const { journal, unknown, fault, clock, hook, clientOf } = setUp({ resend: false }, { lagMs: 10 * HOUR });
    const callback = { url: "https://app.test/hook", secret: "0123456789abcdef0123456789abcdef" };
    const client = clientOf({ callback });
    const receiver = createReceiver({ clients: [client], onTask: () => {} });
    hook.deliver = (call) => receiver.fetch(call);
    fault("reset-after-accept");
    await unknown(client);
    expect((await journal.get("k"))?.state).toBe("unknown");
    await clock.advance(120_000);
    expect((await journal.get("k"))?.state).toBe("succeeded");
  });

  test("is sent again inside of the window: one task, one charge", async () => {
    const { submit, fault, posts, charges } = setUp({ find: false });
    fault("reset-after-accept");
    await submit();
    expect([posts(), charges()]).toEqual([2, 1]);
  });

  test.each(["402", "409", "422", "429", "404", "500", "reset-before-read", "idle-408"] as const)(
    "stays unknown where second sendings meet %s, and its key is not freed",
    async (kind) => {
      const { submit, unknown, fault, posts, charges, journal } = setUp({ find: false });
      fault("reset-after-accept");
      // What hits before a request is read cannot tell its token from another.
      fault(kind, "submit", { times: 3, resent: true });
      await unknown();
      expect((await journal.get("k"))?.state).toBe("unknown");
      expect([posts(), charges()]).toEqual([4, 1]);
      await submit();
      expect([posts(), charges()]).toEqual([5, 1]);
    },
  );

  test("is not sent again past the window, which would be a second charge", async () => {
    const windowMs = 2 * HOUR;
    const { unknown, clock, fault, posts, charges } = setUp({ find: false, windowMs }, { windowMs });
    fault("reset-after-accept", "submit", { times: 4 });
    await unknown();
    await clock.advance(windowMs - 60_000);
    await unknown();
    expect([posts(), charges()]).toEqual([4, 1]);
  });

  test("is not sent again by a process with another key of the account, which the front does not know", async () => {
    const { unknown, submit, fault, posts, charges, clientOf } = setUp({ find: false });
    fault("reset-after-accept", "submit", { times: 4 });
    await unknown();
    await unknown(clientOf({ accessKey: KEYS[1] } as ClientOptions));
    expect([posts(), charges()]).toEqual([4, 1]);
    await submit();
    expect([posts(), charges()]).toEqual([5, 1]);
  });
});

describe("a cancel", () => {
  const stop = async (kind?: FaultOptions["kind"], ways: Ways = {}) => {
    const parts = setUp(ways);
    const task = await parts.submit();
    if (kind) parts.fault(kind, "cancel");
    const { cancel } = parts.client;
    const cancelling = cancel?.(task, { destroy: true }) ?? Promise.reject(new Error("no cancel"));
    return { ...parts, task, ended: await parts.clock.until(cancelling) };
  };

  test("ends a running task as cancelled, and the key stays used", async () => {
    const { ended, submit, posts } = await stop();
    expect(ended).toMatchObject({ state: "failed", failure: { code: "cancelled" } });
    expect((await submit()).id).toBe(ended.id);
    expect(posts()).toBe(1);
  });

  test("that comes too late is the end that the task had", async () => {
    expect((await stop("too-late")).ended).toMatchObject({ state: "succeeded" });
  });

  test("whose answer is lost is what the status says", async () => {
    expect((await stop("reset-after-accept")).ended).toMatchObject({ failure: { code: "cancelled" } });
  });

  test("that deletes leaves a cancelled task, and an ended one alone", async () => {
    const { ended, journal } = await stop(undefined, { destroys: true });
    expect(ended).toMatchObject({ failure: { code: "cancelled", billed: "unknown" } });
    expect((await journal.get("k"))?.state).toBe("failed");
    const { submit, wait, clock, client, emulator } = setUp({ destroys: true });
    const task = await wait(await submit());
    expect(await clock.until(client.cancel?.(task, { destroy: true }) ?? Promise.reject(new Error()))).toEqual(task);
    expect(emulator.requests.some(({ method }) => method === "DELETE")).toBe(false);
  });
});

describe("a callback", () => {
  const callback = { url: "https://app.test/hook", secret: "0123456789abcdef0123456789abcdef" };
  async function called(kind?: FaultOptions["kind"]) {
    const { clientOf, submit, fault, hook, clock, emulator, journal } = setUp({}, {}, { callback });
    const client = clientOf();
    const ends: string[] = [];
    const receiver = createReceiver({ clients: [client], onTask: (task) => void ends.push(task.state) });
    hook.deliver = (call) => receiver.fetch(call);
    if (kind) fault(kind, "callback");
    await submit(client);
    await clock.advance(2 * HOUR);
    const reads = emulator.requests.filter(({ method }) => method === "GET").length;
    return { ends, reads, statuses: emulator.callbacks.map(({ attempt, status }) => [attempt, status]), journal };
  }

  test("that the account has signed is believed, and nothing is asked", async () => {
    expect(await called()).toMatchObject({ ends: ["succeeded"], reads: 0, statuses: [[1, 200]] });
  });

  test.each<[kind: FaultOptions["kind"], statuses: unknown]>([
    [
      "tampered",
      [
        [0, 401],
        [1, 200],
      ],
    ],
    [
      "replayed",
      [
        [1, 200],
        [0, 401],
      ],
    ],
    [
      "forged",
      [
        [0, 401],
        [1, 200],
      ],
    ],
    [
      "forged-failure",
      [
        [0, 401],
        [1, 200],
      ],
    ],
  ])("that was %s is refused, and the true one counts, once", async (kind, statuses) => {
    expect(await called(kind)).toMatchObject({ ends: ["succeeded"], statuses });
  });
});
