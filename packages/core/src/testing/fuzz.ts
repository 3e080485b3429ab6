// `@vidtask/core/testing/fuzz`: apart from the other suites, because it needs `fast-check`.
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { createReceiver } from "../client/functions.ts";
import { settingsOf } from "../client/members.ts";
import type { VideoRequest } from "../request/request.ts";
import { VidtaskError } from "../task/errors.ts";
import { parseRef } from "../task/parse-ref.ts";
import type { Task } from "../task/task.ts";
import { answers, bodies, responseOf, type FuzzedAnswer } from "./fuzz-bodies.ts";
import { jumpClock } from "./jump-clock.ts";
import { answer, stubFetch } from "./stub-fetch.ts";
import { assertNoneOf, CALLBACK, madeUpSecrets, type Create, type DescribeVendorOptions } from "./vendor-suite.ts";
import { callbackUrlIn } from "./vendor-wire.ts";

/** What the fuzzing needs of a vendor. */
export type FuzzVendorOptions = {
  /** A request the vendor accepts. */
  request: VideoRequest;
  /** The client's secrets by the names of the spec's `secrets`. @default all of them, made up */
  secrets?: DescribeVendorOptions["secrets"];
  /** How your test runner declares a test. @default the global `test` */
  test?: DescribeVendorOptions["test"];
};

const { VIDTASK_FUZZ_RUNS: runs = "300", VIDTASK_FUZZ_SEED: seed = "4" } = process.env;

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
  const { vendor, balance, cancel } = create();
  const { adapter } = settingsOf(create());
  const secrets = options.secrets ?? madeUpSecrets(adapter);
  const variant = adapter.variant === undefined ? {} : { variant: "fuzzed" };
  const ref = { vendor, model: request.model, id: "task_1", ...variant, submittedAt: "2026-01-01T00:00:00.000Z" };
  const settings = adapter.callback ? { ...secrets, callback: CALLBACK } : secrets;
  /** Answers with these, one after the other; the last is repeated. */
  const over = (...answers: (() => Response | Promise<Response>)[]) => {
    let asked = 0;
    const send = async () => answers[Math.min(asked++, answers.length - 1)]?.();
    return create({ ...settings, fetch: send as typeof fetch, clock: jumpClock() });
  };
  const assertTyped = (error: unknown) => assertTypedError(error, Object.values(secrets));

  /** Runs one decoder over everything, and looks at what it gives. */
  const fuzz = (name: string, decode: (answer: FuzzedAnswer, next: FuzzedAnswer) => Promise<unknown>) =>
    test(`${name}: a valid value or a typed error for ${runs} answers of any kind`, async () => {
      const property = fc.asyncProperty(answers(fixtures), answers(fixtures), async (answer, next) => {
        await decode(answer, next).catch(assertTyped);
      });
      await fc.assert(property, { numRuns: Number(runs), seed: Number(seed) });
    });

  fuzz("get", async (answer, next) => {
    // Of a status that takes two calls, both are.
    assertTask(
      await over(
        () => responseOf(answer),
        () => responseOf(next),
      ).get(ref),
      ref,
    );
  });
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

  if (cancel)
    fuzz("cancel", async (answer, next) => {
      const client = over(
        () => responseOf(answer),
        () => responseOf(next),
      );
      assertTask((await client.cancel?.(ref, { destroy: true })) ?? assert.fail("no `cancel`"), ref);
    });
  if (adapter.find)
    fuzz("find", async (answer, next) => {
      // Whatever is asked in its place: a submit that is sent again is lost, too.
      let paidAt: string | undefined;
      let asked = 0;
      const send = async (input: string | URL | Request) => {
        const { method, url } = new Request(input);
        paidAt ??= `${method} ${url}`;
        if (`${method} ${url}` === paidAt) return new Response("", { status: 500 });
        return responseOf(asked++ === 0 ? answer : next);
      };
      const client = create({ ...settings, fetch: send as typeof fetch, clock: jumpClock() });
      await client.submit(request, { callback: adapter.callback ? undefined : false }).then(
        ({ id }) => assert.fail(`a submit took the task ${id}, which echoes nothing of it`),
        (error: unknown) => assert.equal(assertTyped(error).name, "SubmitUnknownError"),
      );
    });
  if (adapter.callback)
    test(`callback: an answer with a status for ${runs} bodies of any kind`, async () => {
      await fc.assert(callbacks(), { numRuns: Number(runs), seed: Number(seed) });
    });

  function callbacks() {
    return fc.asyncProperty(bodies(fixtures), async (body) => {
      const { fetch, seen } = stubFetch(answer(500), answer(404));
      const client = create({ ...settings, clock: jumpClock(), fetch });
      await client.submit(request).catch(assertTyped);
      const url = callbackUrlIn(seen[0] ?? assert.fail("nothing was submitted"));
      const receiver = createReceiver({ clients: [client], onTask: () => assert.fail("nothing was confirmed") });
      const headers = { "content-type": "application/json" };
      const { status } = await receiver.fetch(new Request(url, { method: "POST", headers, body }));
      assert.ok([200, 400, 401, 413, 503].includes(status), `a callback was answered with ${status}`);
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
function assertTypedError(error: unknown, secrets: readonly string[]): VidtaskError {
  assert.ok(VidtaskError.isInstance(error), `not a typed error: ${String(error)}\n${(error as Error).stack}`);
  const { length } = JSON.stringify(error);
  assert.ok(length < 10_000 && error.message.length < 3_000, `an error of ${length} characters`);
  assertNoneOf(secrets, [error]);
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
