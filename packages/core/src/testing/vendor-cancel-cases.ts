// Stopping a task: the status before and after decides, not the answer between them.
import assert from "node:assert/strict";
import { InvalidRequestError, VendorError } from "../task/errors.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { answer, type Step } from "./stub-fetch.ts";
import { examplesOf } from "./vendor-fixtures.ts";
import { nth } from "./vendor-submit-cases.ts";
import { errorOf, played, stepsOf, type Played, type Suite } from "./vendor-suite.ts";
import { assertCredentials } from "./vendor-wire.ts";

export function cancelCases(suite: Suite, cancel: NonNullable<Adapter["cancel"]>): void {
  const { test, request, fixtures } = suite;
  const processing = stepsOf(examplesOf(fixtures.processing)[0]);
  const succeeded = stepsOf(examplesOf(fixtures.succeeded)[0]);
  const submitted = async (...turns: (readonly Step[])[]) => {
    const parts = played(suite, [stepsOf(examplesOf(fixtures.accepted)[0]), ...turns]);
    const task = await parts.client.submit(request);
    assert.ok(parts.client.cancel, "the client has no `cancel`");
    return { ...parts, task, stop: parts.client.cancel, asked: () => askedFor(parts, cancel.call(task)) };
  };
  const options = cancel.destroys ? { destroy: true } : {};

  for (const [index, example] of examplesOf(fixtures.cancelled ?? fixtures.failed).entries())
    test(`a running task is cancelled with one call, and its status says so${nth(index)}`, async () => {
      const parts = await submitted(processing, [answer(200, {})], stepsOf(example));
      const { task, stop, asked } = parts;
      const after = await stop(task, options);
      assert.equal(after.state, "failed");
      if (fixtures.cancelled !== undefined) assert.ok(after.state === "failed" && after.failure.code === "cancelled");
      assert.equal(asked().length, 1);
      await assertCredentials(suite, parts, asked()[0]);
    });

  test("a task that has ended is left alone", async () => {
    const { task, stop, asked } = await submitted(succeeded);
    assert.equal((await stop(task, options)).state, "succeeded");
    assert.equal(asked().length, 0);
  });

  test("a task that ends before the cancel arrives is that end", async () => {
    const { task, stop } = await submitted(processing, [answer(400, {})], succeeded);
    assert.equal((await stop(task, options)).state, "succeeded");
  });

  test("a cancel that is refused while the task runs on is an error", async () => {
    const { task, stop } = await submitted(processing, [answer(400, {})], processing);
    const error = await errorOf(stop(task, options));
    assert.ok(VendorError.isInstance(error) && error.ref?.id === task.id, String(error));
  });

  if (!cancel.destroys) return;
  test("where a cancel may delete a video, it wants `destroy: true` before anything is asked", async () => {
    const { task, stop, seen } = await submitted(processing);
    const error = await errorOf(stop(task));
    assert.ok(InvalidRequestError.isInstance(error), String(error));
    assert.deepEqual([error.issues[0]?.path, seen.length], ["destroy", 1]);
  });

  test("a task that its vendor has deleted is cancelled, and may have been billed", async () => {
    const { task, stop } = await submitted(processing, [answer(204)], [answer(404)]);
    const after = await stop(task, options);
    assert.ok(after.state === "failed", `it is ${after.state}`);
    assert.deepEqual([after.failure.code, after.failure.billed], ["cancelled", "unknown"]);
  });
}

/** The requests of a call. */
const askedFor = ({ context, seen }: Played, call: ReturnType<NonNullable<Adapter["cancel"]>["call"]>) => {
  const method = call.method ?? (call.json || call.form ? "POST" : "GET");
  return seen.filter((one) => one.method === method && one.url === new URL(context.urlOf(call)).href);
};
