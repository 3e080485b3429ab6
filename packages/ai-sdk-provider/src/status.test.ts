// Started in one process, looked at in another: what an operation is, and what a status says of it.
import { formatRef, parseRef } from "@vidtask/apixo";
import { createEmulator, type Emulator, type FaultOptions } from "@vidtask/emulator";
import {
  experimental_generateVideo as generateVideo,
  experimental_getVideoStatus as getVideoStatus,
  experimental_startVideo as startVideo,
} from "ai";
import { describe, expect, test } from "vitest";
import { VidtaskCallError, type VidtaskMetadata } from "./index.ts";
import { plainCall, setUp, vendors, type VendorName } from "./test/set-up.ts";

const overJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const MINUTES = 600_000;

async function started(vendor: VendorName = "apixo", prompt = vendors[vendor].prompt) {
  const process = setUp(vendor);
  const { operation } = await process.emulator.clock.until(startVideo({ model: process.model, prompt }));
  return { ...process, operation };
}

describe.each(Object.keys(vendors) as VendorName[])("%s", (vendor) => {
  test("another process sees it pending, then completed, with the address and the end of its life", async () => {
    const { emulator, operation } = await started(vendor);
    const { model } = setUp(vendor, {}, emulator);
    const look = async () => emulator.clock.until(getVideoStatus(model, { operation: overJson(operation) }));
    expect(await look()).toMatchObject({ status: "pending" });
    await emulator.clock.advance(MINUTES);
    const status = await look();
    expect(overJson(status)).toMatchObject({
      status: "completed",
      videos: [{ type: "url", url: expect.stringMatching(/^https:.*mp4$/), mediaType: "video/mp4" }],
    });
    const metadata = status.providerMetadata?.["vidtask"] as unknown as VidtaskMetadata;
    expect(metadata.task).toMatchObject({ vendor, state: "succeeded" });
    expect(metadata.price?.usd).toBe({ apixo: undefined, aivideoapi: 0.55, apimodels: 0.0159 }[vendor]);
  });
});

test("a failed task is a value, in every look, and is never thrown", async () => {
  const { emulator, model, operation } = await started("apixo", "[fail:CONTENT_VIOLATION] a waterfall");
  await emulator.clock.advance(MINUTES);
  for (let look = 0; look < 2; look++) {
    const status = await emulator.clock.until(getVideoStatus(model, { operation }));
    expect(status).toMatchObject({ status: "error", error: expect.stringMatching(/content_rejected/) });
    expect(status.providerMetadata?.["vidtask"]).toMatchObject({
      task: { failure: { code: "content_rejected", billed: "unknown" } },
    });
  }
});

describe("an operation", () => {
  test("holds no secret, and little else than the ref", async () => {
    const { emulator, operation } = await started("apimodels");
    expect(JSON.stringify(operation)).not.toContain(emulator.for("apimodels").apiKey);
    expect(Object.keys(operation as object).toSorted()).toEqual(
      ["vidtask", "ref", "price", "idempotencyKey", "isCalledBack", "results"].toSorted(),
    );
  });

  test("may be the ref of a task, as JSON or as one string: of a journal, an error, a column", async () => {
    const { emulator, client, model } = setUp();
    const task = await client.submit({ model: "kling-2-6", prompt: "x" });
    const { operation: whole } = await emulator.clock.until(startVideo({ model, prompt: "x" }));
    for (const operation of [formatRef(task), overJson(task), JSON.stringify(task), JSON.stringify(whole)] as const) {
      const status = await emulator.clock.until(getVideoStatus(model, { operation }));
      expect(status.status).toBe("pending");
    }
  });

  test.each<[string, unknown, string]>([
    ["of the SDK's own example", { id: "operation-1" }, "operation"],
    ["of another provider", "https://queue.fal.run/requests/1", "operation"],
    ["nothing", null, "operation"],
    ["a number", 17, "operation"],
    ["a list", ["apixo", "kling-2-6", "task_1"], "operation"],
    ["cut in the middle", { vidtask: 1, ref: { vendor: "apixo" } }, "operation"],
    ["of another vendor", "apimodels:kling-v2-6:abc", "operation"],
    ["of another model", "apixo:kling-2-5-turbo-pro:task_1", "operation"],
    ["of a model that does not exist", "apixo:constructor:task_1", "operation"],
  ])("%s is refused, and nobody is asked", async (_, operation, path) => {
    const { emulator, model } = setUp();
    const looking = getVideoStatus(model, { operation: operation as string });
    await expect(looking).rejects.toMatchObject({ code: "invalid_request", retryable: false, issues: [{ path }] });
    expect(emulator.requests).toEqual([]);
  });
});

describe("ticks of the SDK", () => {
  const polls = ({ requests }: Emulator) => requests.filter(({ path }) => path.includes("/statusTask/")).length;
  const generated = async ({ emulator, model, prompt, poll }: ReturnType<typeof setUp>, intervalMs = 1_000) => {
    const { videos } = await emulator.clock.until(generateVideo({ model, prompt, poll: { ...poll, intervalMs } }));
    expect(videos).toHaveLength(1);
    return { polls: polls(emulator), ms: emulator.clock.elapsed() };
  };

  test("send no request before it is time to ask again, and see the end when a wait does", async () => {
    const own = setUp();
    await own.emulator.clock.until(own.client.generate({ model: "kling-2-6", prompt: "a waterfall" }));
    const made = await generated(setUp());
    expect(made.polls).toBeLessThanOrEqual(polls(own.emulator));
    expect(made.ms).toBeLessThan(own.emulator.clock.elapsed() + 10_000);
  });

  test("are the client's own where it has an interval", async () => {
    const made = await generated(setUp("apixo", { poll: { interval: 2_000 } }));
    expect(made.polls).toBe(Math.ceil(made.ms / 2_000));
  });

  test("see an end at once that another call of the client has seen", async () => {
    const { emulator, client, model, prompt } = setUp("apixo", {}, createEmulator({ clock: "manual", taskMs: 20_000 }));
    const { operation } = await emulator.clock.until(startVideo({ model, prompt }));
    const look = async () => (await emulator.clock.until(getVideoStatus(model, { operation }))).status;
    await emulator.clock.advance(19_500);
    expect(await look()).toBe("pending");
    await emulator.clock.advance(1_000);
    expect(await look()).toBe("pending"); // it has ended, and it is too early to ask
    await client.get(parseRef((operation as { ref: unknown }).ref));
    const before = polls(emulator);
    expect(await look()).toBe("completed");
    expect(polls(emulator)).toBe(before);
  });

  test("see the end for a page that starts and looks at each visit", async () => {
    const { emulator, model, prompt } = await started();
    const visit = async () => {
      const { operation } = await startVideo({ model, prompt, headers: { "idempotency-key": "row-17" } });
      return (await getVideoStatus(model, { operation })).status;
    };
    const seen: string[] = [];
    while (seen.at(-1) !== "completed" && seen.length < 80) {
      seen.push(await emulator.clock.until(visit()));
      await emulator.clock.advance(5_000);
    }
    expect(seen.at(-1)).toBe("completed");
  });
});

test("a video that wants to be handed over whole is, where it was asked for", async () => {
  const { emulator, model, prompt } = setUp();
  const providerOptions = { apixo: { results: "bytes" } };
  const { operation } = await emulator.clock.until(startVideo({ model, prompt, providerOptions }));
  await emulator.clock.advance(MINUTES);
  const status = await emulator.clock.until(getVideoStatus(model, { operation }));
  expect(status).toMatchObject({ status: "completed", videos: [{ type: "binary" }] });
});

test("a download that cannot be finished is an error with the ref; the paid video is there for the next look", async () => {
  const { emulator, model, prompt } = setUp();
  const { operation } = await emulator.clock.until(
    startVideo({ model, prompt, providerOptions: { vidtask: { results: "bytes" } } }),
  );
  await emulator.clock.advance(MINUTES);
  emulator.injectFault({ on: "download", kind: "503", times: 200 } as FaultOptions);
  const error: unknown = await emulator.clock
    .until(getVideoStatus(model, { operation, maxRetries: 0 }))
    .catch((thrown: unknown) => thrown);
  expect(VidtaskCallError.isInstance(error)).toBe(true);
  expect(error).toMatchObject({ code: "download", ref: { vendor: "apixo", model: "kling-2-6" } });
});

test("the vendor's own 401 ends a look, and is not retried", async () => {
  const { emulator, operation } = await started();
  const { model } = setUp("apixo", { apiKey: "another-key-0123456789" }, emulator);
  const looking = emulator.clock.until(getVideoStatus(model, { operation }));
  await expect(looking).rejects.toMatchObject({ code: "unauthorized", isRetryable: false, ref: { vendor: "apixo" } });
});

test("a key that is missing is told before anything is sent", async () => {
  const { model, posts } = setUp("apixo", { apiKey: undefined });
  await expect(model.doStart(plainCall)).rejects.toMatchObject({
    code: "invalid_request",
    issues: [{ path: "apiKey" }],
  });
  expect(posts()).toBe(0);
});
