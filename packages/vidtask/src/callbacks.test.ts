// Receiver and clients against the emulator as the vendor that calls back: as documented, and with everything that goes wrong.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  createReceiver,
  memoryJournal,
  type ClientOptions,
  type Journal,
  type Receiver,
  type VideoClient,
  type VidtaskEvent,
} from "./index.ts";
import { toNodeHandler } from "./node.ts";

const secret = "0123456789abcdef0123456789abcdef";
const durable = (): Journal => ({ ...memoryJournal(), durable: true });
type Create = (options?: ClientOptions) => VideoClient;
const image = "https://example.com/photo.jpg";
const vendors: [vendor: string, create: Create, request: { model: string; prompt: string; image?: string }][] = [
  ["apixo", createApixo as Create, { model: "kling-2-6", prompt: "a waterfall" }],
  ["aivideoapi", createAIVideoAPI as Create, { model: "kling-2.6", prompt: "a waterfall", image }],
  ["apimodels", createAPIModels as Create, { model: "kling-v2-6", prompt: "a waterfall" }],
];

function setUp(vendor: string, create: Create, more: ClientOptions = {}) {
  const emulator = createEmulator({
    clock: "manual",
    credits: 1_000_000,
    deliverCallback: (request) => receiver.fetch(request),
  });
  const events: VidtaskEvent[] = [];
  const client = create({
    ...emulator.for(vendor),
    journal: durable(),
    callback: { url: "https://app.test/cb", secret },
    onEvent: (event) => void events.push(event),
    ...more,
  });
  const ends: string[] = [];
  const receiver = createReceiver({
    clients: [client],
    onTask: (task, { idempotencyKey: key }) => void ends.push(`${key} ${task.state}`),
  });
  const alarms = () => events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : []));
  const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").length;
  return { emulator, client, ends, alarms, charges, events };
}

describe.each(vendors)("%s", (vendor, create, request) => {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`);

  test("calls back once, in its own words, and onTask has the end", async () => {
    const { emulator, client, ends, alarms } = setUp(vendor, create);
    await client.submit(request, { idempotencyKey: "k" });
    await emulator.clock.advance(3_600_000);
    expect(ends).toEqual(["k succeeded"]);
    expect(alarms()).toEqual([]);
    expect(emulator.callbacks).toMatchObject([{ attempt: 1, status: 200 }]);
  });

  test("30 submits whose answers were lost are all found again, and each was paid once", async () => {
    const { emulator, client, ends, alarms, charges } = setUp(vendor, create);
    emulator.injectFault({ on: "submit", kind: "reset-after-accept", times: 30 });
    const lost = await Promise.all(
      keys(30).map(async (key) =>
        client.submit(request, { idempotencyKey: key }).catch((error: { code: string }) => error.code),
      ),
    );
    expect(new Set(lost)).toEqual(new Set(["submit_unknown"]));
    await emulator.clock.advance(3_600_000);
    expect(ends.toSorted()).toEqual(
      keys(30)
        .map((key) => `${key} succeeded`)
        .toSorted(),
    );
    const found = await Promise.all(keys(30).map(async (key) => client.submit(request, { idempotencyKey: key })));
    expect(new Set(found.map(({ id }) => id)).size).toBe(30);
    expect(charges()).toBe(30);
    expect(alarms()).toEqual([]);
  });

  test.each(["late", "duplicate", "reordered", "forged", "forged-failure", "before-answer"])(
    "a callback that is %s: reported once, as the vendor's status says",
    async (kind) => {
      const { emulator, client, ends, alarms, charges } = setUp(vendor, create);
      emulator.injectFault({ on: "callback", kind: kind as "late", times: 3 });
      const waits = keys(6).map(async (key) => client.generate(request, { idempotencyKey: key }));
      expect(await emulator.clock.until(Promise.all(waits))).toHaveLength(6);
      await emulator.clock.advance(3_600_000);
      expect(ends.toSorted()).toEqual(
        keys(6)
          .map((key) => `${key} succeeded`)
          .toSorted(),
      );
      expect(charges()).toBe(6);
      expect(alarms()).toEqual([]);
      await client.drain();
    },
  );

  test("a callback that is lost costs the wait nothing but time", async () => {
    const { emulator, client, ends } = setUp(vendor, create);
    emulator.injectFault({ on: "callback", kind: "lost" });
    expect(await emulator.clock.until(client.generate(request, { idempotencyKey: "k" }))).toMatchObject({
      state: "succeeded",
    });
    expect(ends).toEqual([]);
  });

  test("over a real socket, with the receiver in a server of Node", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const server = await emulator.listen();
    onTestFinished(() => server.close());
    let answer: Receiver["fetch"] = () => Promise.reject(new Error("too early"));
    const own = createServer(toNodeHandler({ fetch: (given) => answer(given) }));
    await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void own.close());
    const { port } = own.address() as AddressInfo;
    const callback = { url: `http://127.0.0.1:${port}/cb`, secret };
    const client = create({ ...server.for(vendor), journal: durable(), callback });
    const ends: string[] = [];
    answer = createReceiver({
      clients: [client],
      onTask: (task, { idempotencyKey: key }) => void ends.push(`${key} ${task.state}`),
    }).fetch;
    await client.submit(request, { idempotencyKey: "k" });
    await emulator.clock.advance(3_600_000);
    expect(ends).toEqual(["k succeeded"]);
    expect(emulator.callbacks.at(-1)).toMatchObject({ status: 200 });
  });
});

test("an accelerated emulator of another time is not another day: to a process that lives in real time its tasks are its own", async () => {
  const emulator = createEmulator({ clock: { speed: 360_000 } });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  await emulator.clock.sleep(10 * 3_600_000); // a tenth of a second here
  const own = createServer();
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void own.close());
  const { port } = own.address() as AddressInfo;
  const { apiKey, baseUrl } = server.for("apixo");
  const alarms: string[] = [];
  const client = createApixo({
    apiKey,
    baseUrl,
    journal: durable(),
    callback: { url: `http://127.0.0.1:${port}/cb`, secret },
    onEvent: (event) => void (event.type === "alarm" && alarms.push(event.alarm)),
  });
  let tell = (_: string) => {};
  const told = new Promise<string>((resolve) => (tell = resolve));
  const receiver = createReceiver({ clients: [client], onTask: (_, { idempotencyKey }) => tell(idempotencyKey) });
  own.on("request", toNodeHandler(receiver));
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  await client.submit({ model: "kling-2-6", prompt: "x" }, { idempotencyKey: "k" }).catch(() => {});
  expect(await told).toBe("k");
  expect(alarms).toEqual([]);
});
