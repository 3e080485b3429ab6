// Reading and waiting: every documented state, every kind of damage, and faults that pass.
import assert from "node:assert/strict";
import { AbortedError, TaskFailedError, VendorError, VidtaskError, WaitTimeoutError } from "../task/errors.ts";
import { parseRef } from "../task/parse-ref.ts";
import { formatRef, type TaskRef } from "../task/task.ts";
import { jumpClock } from "./jump-clock.ts";
import { answer, cutAfter, reset, type Step } from "./stub-fetch.ts";
import { examplesOf } from "./vendor-fixtures.ts";
import { nth } from "./vendor-submit-cases.ts";
import { assertNoneOf, errorOf, played, stepsOf, type Suite } from "./vendor-suite.ts";
import { assertCredentials } from "./vendor-wire.ts";

const GATEWAY = "<html><title>Just a moment...</title></html>";

export function readCases(suite: Suite): void {
  const { test, request, fixtures, adapter } = suite;
  const accepted = stepsOf(examplesOf(fixtures.accepted)[0]);
  const examples = {
    processing: examplesOf(fixtures.processing),
    succeeded: examplesOf(fixtures.succeeded),
    failed: examplesOf(fixtures.failed),
  };
  const processing = stepsOf(examples.processing[0]);
  const succeeded = stepsOf(examples.succeeded[0]);
  const failed = stepsOf(examples.failed[0]);
  const submitted = async (...turns: (readonly Step[])[]) => {
    const parts = played(suite, [accepted, ...turns]);
    return { ...parts, task: await parts.client.submit(request) };
  };

  test("a ref survives JSON and its one-string form, and finds the task from any client", async () => {
    const parts = await submitted(processing);
    const { client, task, seen } = parts;
    const found = await client.get(parseRef(JSON.parse(JSON.stringify(task))));
    assert.deepEqual([found.id, found.vendor, found.model], [task.id, task.vendor, task.model]);
    await assertCredentials(suite, parts, seen.at(-1));
    const asked = seen.at(-1)?.url;
    assert.equal((await client.get(parseRef(formatRef(task)))).id, task.id);
    assert.equal(seen.at(-1)?.url, asked, "the one-string form asks another URL");
  });

  for (const [index, example] of examples.processing.entries())
    test(`a task that runs is read${nth(index)}`, async () => {
      const { client, task } = await submitted(stepsOf(example));
      const running = await client.get(task);
      assert.ok(running.state === "processing" || running.state === "pending", `it was read as ${running.state}`);
      assert.ok(Date.parse(running.nextPollAt) > 0);
    });

  for (const [index, example] of examples.succeeded.entries())
    test(`a task that succeeded is read with its video${nth(index)}`, async () => {
      const { client, task } = await submitted(stepsOf(example));
      const done = await client.get(task);
      assert.ok(done.state === "succeeded" && /^https?:/.test(done.videos[0].url), `it was read as ${done.state}`);
    });

  for (const [index, example] of examples.failed.entries())
    test(`a task that failed is a value with its reason${nth(index)}`, async () => {
      const { client, task } = await submitted(stepsOf(example));
      const broken = await client.get(task);
      assert.ok(broken.state === "failed" && broken.failure.message.length > 0, `it was read as ${broken.state}`);
    });

  test("a wait ends with the video, and throws a failed task with the task in the error", async () => {
    const { client, task } = await submitted(processing, succeeded, failed);
    assert.equal((await client.wait(task)).state, "succeeded");
    const error = await errorOf(client.wait(task));
    assert.ok(TaskFailedError.isInstance(error), String(error));
    assert.deepEqual([error.task.state, error.ref?.id], ["failed", task.id]);
  });

  const passing: Record<string, Step> = {
    "a reset": reset,
    "a 500": answer(500, {}),
    "a 503": answer(503),
    "a 429 with Retry-After": answer(429, {}, { "retry-after": "7" }),
    "an early 404": answer(404),
    "HTML with 200": answer(200, "<html></html>"),
    "an empty 200": answer(200, ""),
    "a cut body": cutAfter(examples.succeeded[0][0]?.body, 12),
    "a gateway's 401": answer(401, GATEWAY),
    "a gateway's 403": answer(403, GATEWAY),
    "a proxy's 407": answer(407, GATEWAY),
    "a gateway's 429": answer(429, GATEWAY),
    "a redirect": answer(302, "", { location: "https://elsewhere.test" }),
  };
  for (const [name, step] of Object.entries(passing))
    test(`a wait survives ${name}, three times in a row, and tells of each`, async () => {
      const { client, context, task, events } = await submitted([step], [step], [step], succeeded);
      assert.equal((await client.wait(task, { poll: { first: 0, interval: 1 } })).state, "succeeded");
      const faults = events.filter(({ type }) => type === "fault");
      // Credentials that change are made anew after a first 401, under the same question.
      const isAskedAgain = name.endsWith("401") && adapter.auth !== undefined;
      assert.equal(faults.length, isAskedAgain ? 2 : 3);
      assertNoneOf(context.secrets(), events);
    });

  test("a page that is not the vendor's is an error with the ref, and does not blame the key", async () => {
    const { client, task } = await submitted([answer(401, GATEWAY)]);
    const error = await errorOf(client.get(task));
    assert.ok(VendorError.isInstance(error), String(error));
    assert.deepEqual([error.code, error.ref?.id, error.retryable], ["unauthorized", task.id, true]);
    assert.doesNotMatch(error.message, /check /);
  });

  test("a task that stays unknown to the vendor ends a wait", async () => {
    const { client, task } = await submitted([answer(404)]);
    const error = await errorOf(client.wait({ ...task, submittedAt: "2025-01-01T00:00:00Z" }));
    assert.ok(VendorError.isInstance(error) && error.code === "not_found", String(error));
  });

  test("the deadline ends a wait with a ref to go on with", async () => {
    const { client, task } = await submitted(processing);
    const error = await errorOf(client.wait(task, { waitTimeout: 90_000 }));
    assert.ok(WaitTimeoutError.isInstance(error), String(error));
    assert.deepEqual([error.ref?.id, error.retryable], [task.id, true]);
    assert.ok(error.task?.state === "processing" || error.task?.state === "pending");
  });

  test("an abort ends a wait at once", async () => {
    const { client, task } = await submitted(processing);
    const { client: still } = played(suite, [processing], { clock: jumpClock({ stalled: true }) });
    const abort = new AbortController();
    const waiting = errorOf(still.wait(task, { signal: abort.signal, poll: { first: 1_000 } }));
    await new Promise((resolve) => setTimeout(resolve));
    abort.abort();
    const error = await waiting;
    assert.ok(AbortedError.isInstance(error) && error.ref?.id === task.id, String(error));
    const asking = await errorOf(client.get(task, { signal: AbortSignal.abort() }));
    assert.ok(AbortedError.isInstance(asking), String(asking));
  });

  test("a damaged status body is a typed error that names vendor and task, never a TypeError", async () => {
    const [answers] = examples.succeeded;
    const { client, task, play, seen } = await submitted();
    for (const [index, { status, body }] of answers.entries())
      for (const odd of damaged(body)) {
        play(stepsOf(answers).with(index, answer(status, odd)));
        const before = seen.length;
        const result: unknown = await client.get(task).catch((error: unknown) => error);
        assert.ok(seen.length > before + index, `${JSON.stringify(odd)} was not read`);
        if (!(result instanceof Error)) continue; // the damage hit something that is not read
        assert.ok(VidtaskError.isInstance(result), `${JSON.stringify(odd)} gave ${String(result)}`);
        assert.equal(result.ref?.id, task.id);
      }
  });

  test("a vendor that echoes credentials finds them nowhere: not in errors, not in events", async () => {
    for (const status of [200, 400, 401, 500]) {
      const { client, context, task, events } = await submitted([echo(suite, status)]);
      const error = await errorOf(client.get(task));
      assertNoneOf(context.secrets(), [error, events]);
    }
    const { client, context, events } = played(suite, [[echo(suite, 400)]]);
    const error = await errorOf(client.submit(request));
    assertNoneOf(context.secrets(), [error, events]);
  });

  test("a ref of another vendor, or with an id that could leave its path, is refused before anything is sent", async () => {
    const { client, seen } = played(suite, [processing]);
    const base = { vendor: client.vendor, model: request.model, id: "x" };
    for (const ref of [
      { ...base, vendor: "unheard-of" },
      { ...base, id: ".." },
      { ...base, id: "a/../b" },
      {} as TaskRef,
    ]) {
      const error = (await errorOf(client.get(ref))) as { code?: string };
      assert.equal(error.code, "invalid_request");
    }
    assert.equal(seen.length, 0);
  });
}

/** What a careless vendor says: the secrets, and the headers with which it was asked, in any member where words may stand. */
const echo =
  ({ secrets }: Suite, status: number): Step =>
  ({ headers }) => {
    const text = [...Object.values(secrets), ...[...headers].map(([, value]) => value)].join(" ");
    return Response.json({ code: 400, message: text, error: text, msg: text, detail: text, title: text }, { status });
  };

/** Copies of a body with one member removed, emptied or of another type, and bodies that are something else. */
function damaged(body: unknown): unknown[] {
  const wrong = [undefined, null, 0, -1, "", "x", true, [], {}, 1e300];
  const copies = paths(body).flatMap((path) => wrong.map((value) => withValue(body, path, value)));
  return [...copies, ...wrong, [[]], "null", "{"];
}

const paths = (value: unknown): string[][] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, member]) => [[key], ...paths(member).map((rest) => [key, ...rest])])
    : [];

function withValue(body: unknown, [head, ...rest]: string[], value: unknown): unknown {
  if (head === undefined) return value;
  const copy = structuredClone(body) as Record<string, unknown>;
  copy[head] = withValue(copy[head], rest, value);
  return copy;
}
