// Reading and waiting: every documented state, every kind of damage, and faults that pass.
import assert from "node:assert/strict";
import { AbortedError, TaskFailedError, VendorError, VidtaskError, WaitTimeoutError } from "../task/errors.ts";
import { parseRef } from "../task/parse-ref.ts";
import { formatRef, type TaskRef } from "../task/task.ts";
import { jumpClock } from "./jump-clock.ts";
import { answer, cutAfter, reset, type Step } from "./stub-fetch.ts";
import { assertNoSecret, errorOf, KEY, stubbedClient, type Suite } from "./vendor-suite.ts";

const GATEWAY = "<html><title>Just a moment...</title></html>";

export function readCases(suite: Suite): void {
  const { test, request, fixtures } = suite;
  const accepted = answer(200, fixtures.accepted);
  const processing = answer(200, fixtures.processing);
  const succeeded = answer(200, fixtures.succeeded);
  const failed = answer(200, fixtures.failed);
  const submitted = async (...steps: Step[]) => {
    const parts = stubbedClient(suite, [accepted, ...steps]);
    return { ...parts, task: await parts.client.submit(request) };
  };

  test("a ref survives JSON and its one-string form, and finds the task from any client", async () => {
    const { client, task } = await submitted(processing);
    const found = await client.get(parseRef(JSON.parse(JSON.stringify(task))));
    assert.deepEqual([found.id, found.vendor, found.model], [task.id, task.vendor, task.model]);
    assert.equal((await client.get(parseRef(formatRef(task)))).id, task.id);
  });

  test("each documented state is read: running, succeeded with a video, failed as a value", async () => {
    const { client, task } = await submitted(processing, succeeded, failed);
    const running = await client.get(task);
    assert.ok(running.state === "processing" || running.state === "pending");
    assert.ok(Date.parse(running.nextPollAt) > 0);
    const done = await client.get(task);
    assert.ok(done.state === "succeeded" && /^https?:/.test(done.videos[0].url));
    const broken = await client.get(task);
    assert.ok(broken.state === "failed" && broken.failure.message.length > 0);
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
    "a cut body": cutAfter(fixtures.succeeded, 20),
    "a gateway's 401": answer(401, GATEWAY),
    "a gateway's 403": answer(403, GATEWAY),
    "a proxy's 407": answer(407, GATEWAY),
    "a gateway's 429": answer(429, GATEWAY),
    "a redirect": answer(302, "", { location: "https://elsewhere.test" }),
  };
  for (const [name, step] of Object.entries(passing))
    test(`a wait survives ${name}, three times in a row, and tells of each`, async () => {
      const { client, task, events } = await submitted(step, step, step, succeeded);
      assert.equal((await client.wait(task, { poll: { first: 0, interval: 1 } })).state, "succeeded");
      const faults = events.filter(({ type }) => type === "fault");
      assert.equal(faults.length, 3);
      assertNoSecret(events);
    });

  test("a page that is not the vendor's is an error with the ref, and does not blame the key", async () => {
    const { client, task } = await submitted(answer(401, GATEWAY));
    const error = await errorOf(client.get(task));
    assert.ok(VendorError.isInstance(error), String(error));
    assert.deepEqual([error.code, error.ref?.id, error.retryable], ["unauthorized", task.id, true]);
    assert.doesNotMatch(error.message, /check /);
  });

  test("a task that stays unknown to the vendor ends a wait", async () => {
    const { client, task } = await submitted(answer(404));
    const error = await errorOf(client.wait({ ...task, submittedAt: "2025-01-01T00:00:00Z" }));
    assert.ok(VendorError.isInstance(error) && error.code === "not_found", String(error));
  });

  test("the deadline ends a wait with a ref to go on with", async () => {
    const { client, task } = await submitted(processing);
    const error = await errorOf(client.wait(task, { waitTimeout: 90_000 }));
    assert.ok(WaitTimeoutError.isInstance(error), String(error));
    assert.deepEqual([error.ref?.id, error.task?.state, error.retryable], [task.id, "processing", true]);
  });

  test("an abort ends a wait at once", async () => {
    const { client, task } = await submitted(processing);
    const { client: still } = stubbedClient(suite, [processing], { clock: jumpClock({ stalled: true }) });
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
    for (const body of damaged(fixtures.succeeded)) {
      const { client, task } = await submitted(answer(200, body));
      const result: unknown = await client.get(task).catch((error: unknown) => error);
      if (!(result instanceof Error)) continue; // the damage hit something that is not read
      assert.ok(VidtaskError.isInstance(result), `${JSON.stringify(body)} gave ${String(result)}`);
      assert.equal(result.ref?.id, task.id);
    }
  });

  test("a vendor that echoes the key finds it nowhere: not in errors, not in events", async () => {
    for (const status of [200, 400, 401, 500]) {
      const { client, task, events } = await submitted(
        answer(status, { code: 400, message: KEY, error: KEY, msg: KEY }),
      );
      assertNoSecret(await errorOf(client.get(task)), events);
    }
    const { client, events } = stubbedClient(suite, [answer(400, `<p>${KEY}</p>`)]);
    assertNoSecret(await errorOf(client.submit(request)), events);
  });

  test("a ref of another vendor, or with an id that could leave its path, is refused before anything is sent", async () => {
    const { client, seen } = stubbedClient(suite, [processing]);
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
