// `@vidtask/core/testing/fuzz`: apart from the other suites, because it needs `fast-check`.
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { createReceiver } from "../client/functions.ts";
import { contextOf } from "../client/members.ts";
import type { VideoRequest } from "../request/request.ts";
import { VidtaskError } from "../task/errors.ts";
import { parseRef } from "../task/parse-ref.ts";
import type { Task } from "../task/task.ts";
import { answers, bodies, responseOf, type FuzzedAnswer } from "./fuzz-bodies.ts";
import { jumpClock } from "./jump-clock.ts";
import { assertNoSecret, KEY, type Create, type DescribeVendorOptions } from "./vendor-suite.ts";

/** What the fuzzing needs of a vendor. */
export type FuzzVendorOptions = {
  /** A request the vendor accepts. */
  request: VideoRequest;
  /** How your test runner declares a test. @default the global `test` */
  test?: DescribeVendorOptions["test"];
};

const { VIDTASK_FUZZ_RUNS: runs = "300", VIDTASK_FUZZ_SEED: seed = "4" } = process.env;
const callback = { url: "https://app.test/hook", secret: "0123456789abcdef0123456789abcdef" };

/**
 * Fuzzing of a vendor package: arbitrary bytes, arbitrary JSON and damaged `fixtures` (any documented bodies) through
 * every decoder, with any HTTP status. What comes out is a valid value or a typed error, bounded and without secrets,
 * never a `TypeError`, and always something. One call in a test file; needs `fast-check`. `VIDTASK_FUZZ_RUNS` (300 for
 * each decoder) and `VIDTASK_FUZZ_SEED` are read from the environment.
 */
export function fuzzVendor(create: Create, fixtures: readonly unknown[], options: FuzzVendorOptions): void {
  const { request } = options;
  const test = options.test ?? (globalThis as { test?: FuzzVendorOptions["test"] }).test;
  if (!test) throw new TypeError("fuzzVendor: pass `test`, your runner's function, or run where `test` is a global");
  const { vendor, balance } = create();
  const ref = { vendor, model: request.model, id: "task_1", submittedAt: "2026-01-01T00:00:00.000Z" };
  const over = (answer: () => Response | Promise<Response>) =>
    create({ apiKey: KEY, fetch: (async () => answer()) as typeof fetch, clock: jumpClock(), callback });

  /** Runs one decoder over everything, and looks at what it gives. */
  const fuzz = (name: string, decode: (answer: FuzzedAnswer) => Promise<unknown>) =>
    test(`${name}: a valid value or a typed error for ${runs} answers of any kind`, async () => {
      const property = fc.asyncProperty(answers(fixtures), async (answer) => {
        await decode(answer).catch(assertTyped);
      });
      await fc.assert(property, { numRuns: Number(runs), seed: Number(seed) });
    });

  fuzz("get", async (answer) => assertTask(await over(() => responseOf(answer)).get(ref), ref));
  fuzz("submit", async (answer) => {
    // No second try after a rate limit: one answer is tested here.
    const submitting = over(() => responseOf(answer)).submit(request, { submitTimeout: 0, callback: false });
    const task = await submitting.catch((error: unknown) => {
      const { name, billed } = assertTyped(error);
      // A 407 comes from a proxy: the request never arrived.
      const isEnd =
        ["VendorError", "SubmitUnknownError"].includes(name) || (name === "ConnectionError" && billed === "no");
      assert.ok(isEnd, `a submit ended in a ${name}`);
    });
    if (task) assertTask(task, { ...ref, id: task.id });
  });
  if (balance)
    fuzz("balance", async (answer) => {
      const read = await over(() => responseOf(answer)).balance?.();
      for (const amount of Object.values(read ?? {})) assert.ok(Number.isFinite(amount), `a balance of ${amount}`);
    });

  const { adapter } = contextOf(create());
  if (adapter.callback)
    test(`callback: an answer with a status for ${runs} bodies of any kind`, async () => {
      await fc.assert(callbacks(), { numRuns: Number(runs), seed: Number(seed) });
    });

  function callbacks() {
    return fc.asyncProperty(bodies(fixtures), async (body) => {
      let sent = "";
      const client = create({
        apiKey: KEY,
        clock: jumpClock(),
        callback,
        fetch: (async (_input: unknown, init?: RequestInit) => {
          sent += typeof init?.body === "string" ? init.body : "";
          return String(init?.method) === "POST"
            ? new Response("", { status: 500 })
            : new Response("", { status: 404 });
        }) as typeof fetch,
      });
      await client.submit(request).catch(assertTyped);
      const [url = ""] = /https:\/\/app\.test\/hook\/[\w.-]+/.exec(sent) ?? [];
      assert.notEqual(url, "", "the submit named no callback URL");
      const receiver = createReceiver({ clients: [client], onTask: () => assert.fail("nothing was confirmed") });
      const headers = { "content-type": "application/json" };
      const { status } = await receiver.fetch(new Request(url, { method: "POST", headers, body }));
      assert.ok([200, 400, 413, 503].includes(status), `a callback was answered with ${status}`);
      await client.drain();
    });
  }

  test("a body without an end is read to a bound, and then it is an error", async () => {
    for (const status of [200, 400, 503]) {
      let given = 0;
      const chunk = new TextEncoder().encode(" ".repeat(65_536));
      const endless = () => {
        given = 0;
        const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
          given += chunk.length;
          controller.enqueue(chunk);
        };
        return new Response(new ReadableStream({ pull }), { status });
      };
      const client = over(endless);
      const asking = [
        () => client.get(ref),
        () => client.submit(request, { callback: false }),
        () => client.balance?.(),
      ];
      for (const ask of asking) {
        await Promise.resolve(ask()).then((value) => value && assert.fail("an endless body is no answer"), assertTyped);
        assert.ok(given < 2 * 1024 * 1024, `${given} bytes were read`);
      }
    }
  });
}

/** A typed error, short enough to log and without the key. */
function assertTyped(error: unknown): VidtaskError {
  assert.ok(VidtaskError.isInstance(error), `not a typed error: ${String(error)}\n${(error as Error).stack}`);
  const { length } = JSON.stringify(error);
  assert.ok(length < 10_000 && error.message.length < 3_000, `an error of ${length} characters`);
  assertNoSecret(error);
  return error;
}

function assertTask(task: Task, ref: { vendor: string; model: string; id: string }): void {
  const { vendor, model, id } = parseRef(JSON.parse(JSON.stringify(task)));
  assert.deepEqual({ vendor, model, id }, { vendor: ref.vendor, model: ref.model, id: ref.id });
  const times = [task.createdAt, task.completedAt, "nextPollAt" in task ? task.nextPollAt : undefined];
  for (const time of times) if (time !== undefined) assert.equal(new Date(time).toISOString(), time);
  switch (task.state) {
    case "succeeded":
      assert.ok(task.videos.length > 0);
      for (const video of task.videos) {
        assert.match(new URL(video.url).protocol, /^https?:$/);
        if (video.expiresAt !== undefined) assert.ok(Date.parse(video.expiresAt) > 0);
      }
      return;
    case "failed":
      assert.ok(task.failure.message.length <= 500 && ["no", "yes", "unknown"].includes(task.failure.billed));
      return;
    default:
      assert.ok(["pending", "processing"].includes(task.state) && typeof task.nextPollAt === "string");
  }
}
