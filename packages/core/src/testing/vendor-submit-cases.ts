// The paid POST: what each answer means, and that it never leaves twice when it could have been accepted.
import assert from "node:assert/strict";
import { memoryJournal } from "../journal/memory-journal.ts";
import { wireCall } from "../request/plan.ts";
import { runtimeOfCustomFetch } from "../submit/send.ts";
import { AbortedError, ConnectionError, InvalidRequestError, SubmitUnknownError, VendorError } from "../task/errors.ts";
import type { Json } from "../task/task.ts";
import { answer, cutAfter, refusedConnection, reset, type Step } from "./stub-fetch.ts";
import { examplesOf } from "./vendor-fixtures.ts";
import { assertNoneOf, errorOf, played, stepsOf, type Played, type Suite } from "./vendor-suite.ts";
import { assertCredentials, assertPlanned, withoutFiles } from "./vendor-wire.ts";

const HTML = "<html><body>Bad gateway</body></html>";

export function submitCases(suite: Suite): void {
  const { test, request, fixtures, adapter } = suite;
  const examples = examplesOf(fixtures.accepted);
  const accepted = stepsOf(examples[0]);
  const [{ body: acceptedBody } = { body: undefined }] = examples[0];
  const processing = stepsOf(examplesOf(fixtures.processing)[0]);
  const refusals = examplesOf(fixtures.refused, 400).flatMap((answers) => answers);
  // Elsewhere (Deno, a Worker) no error of a custom fetch proves that a request never left.
  const isRefusalProof = runtimeOfCustomFetch() !== "other";
  // Some vendors say it in the body as well; of one that does not, such a body under HTTP 200 proves nothing.
  const under200 = (isProof: boolean): Record<string, Step> =>
    Object.fromEntries(
      refusals
        .filter(({ body }) => (adapter.refusal(200, body, "submit") !== undefined) === isProof)
        .map(({ body }, index) => [`the documented refusal${nth(index)} under HTTP 200`, answer(200, body)]),
    );

  for (const [index, example] of examples.entries())
    test(`an accepted submit${nth(index)} is one POST with its credentials, and a pending task is its result`, async () => {
      const parts = played(suite, [stepsOf(example)]);
      const { client, context, paid } = parts;
      const task = await client.submit(request);
      assert.equal(task.state, "pending");
      assert.deepEqual([task.vendor, task.model], [client.vendor, request.model]);
      const [post, ...others] = paid();
      assert.equal(others.length, 0);
      await assertCredentials(suite, parts, post);
      assertNoneOf(context.secrets(), [task]);
      assert.match(post?.headers.get("content-type") ?? "", /^application\/json\b/);
      const plan = client.plan(request);
      assert.equal(
        post?.url.replace(/[?#].*/s, "").replace(/[0-9a-f]{32}/g, "0".repeat(32)),
        plan.url.replace(/[?#].*/s, ""),
      );
      const { json } = wireCall(adapter, withoutFiles(suite, plan.request), { token: "f".repeat(32) });
      assertPlanned(JSON.parse(post?.body ?? "") as Json, JSON.parse(JSON.stringify(plan.body)) as Json, json);
    });

  /** One POST; where its vendor promises that the same again costs nothing, the same again. */
  const assertOnce = (paid: Played["paid"]) => {
    const sent = paid().map(({ url, body, headers }) => [url, body, headers.get("idempotency-key")]);
    for (const again of sent) assert.deepEqual(again, sent[0], "another POST under the same key");
    if (adapter.idempotencyWindowMs === undefined) assert.equal(sent.length, 1);
  };

  const unknown: Record<string, Step> = {
    "a reset": reset,
    "an empty 200": answer(200, ""),
    "a 204": answer(204),
    "HTML with 200": answer(200, HTML),
    "JSON null with 200": answer(200, null),
    "a 200 cut before the id": cutAfter(acceptedBody, 8),
    "HTML with 502": answer(502, HTML),
    "an empty 503": answer(503),
    "a 500": answer(500, {}),
    "a 504": answer(504),
    "an idle 408": answer(408),
    "a 409": answer(409, {}),
    "a 302": answer(302, "", { location: "https://elsewhere.test/" }),
    "an accepted body with 500": answer(500, acceptedBody),
    ...under200(false),
    ...(isRefusalProof ? {} : { "a refused connection": refusedConnection }),
  };
  for (const [name, step] of Object.entries(unknown))
    test(`${name} after the paid POST is an unknown outcome and never sent again`, async () => {
      const { client, context, paid } = played(suite, [[step], [answer(404)]]);
      const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
      assert.ok(SubmitUnknownError.isInstance(error), String(error));
      assert.deepEqual([error.billed, error.retryable, error.idempotencyKey], ["unknown", false, "k"]);
      const again = await errorOf(client.submit(request, { idempotencyKey: "k" }));
      assert.ok(SubmitUnknownError.isInstance(again), String(again));
      assertOnce(paid);
      assertNoneOf(context.secrets(), [error, again]);
    });

  const refused: Record<string, Step> = {
    ...Object.fromEntries(
      refusals.map(({ status, body }, index) => [
        `the documented refusal${nth(index)} under its HTTP status`,
        answer(status, body),
      ]),
    ),
    ...under200(true),
    "a 401": answer(401, {}),
    "HTML with 403": answer(403, HTML),
    "a 307": answer(307, "", { location: "https://elsewhere.test/v2" }),
  };
  for (const [name, step] of Object.entries(refused))
    test(`${name} refuses the submit: nothing is billed, nothing sent again, and the key is free`, async () => {
      const { client, context, paid } = played(suite, [[step], accepted]);
      const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
      assert.ok(VendorError.isInstance(error), String(error));
      assert.deepEqual([error.billed, error.phase, paid().length], ["no", "submit", 1]);
      assertNoneOf(context.secrets(), [error]);
      await client.submit(request, { idempotencyKey: "k" });
      assert.equal(paid().length, 2);
    });

  const passing: Record<string, Step> = {
    "a rate limit": answer(429),
    ...(isRefusalProof ? { "a refused connection": refusedConnection } : {}),
  };
  for (const [name, step] of Object.entries(passing))
    test(`${name} is waited out and the submit sent again`, async () => {
      const { client, paid, events } = played(suite, [[step], [step], accepted]);
      await client.submit(request);
      assert.equal(paid().length, 3);
      assert.equal(events.filter(({ type }) => type === "retry").length, 2);
    });

  if (isRefusalProof)
    test("a vendor that cannot be reached ends in a ConnectionError that bills nothing", async () => {
      const error = await errorOf(played(suite, [[refusedConnection]]).client.submit(request));
      assert.ok(ConnectionError.isInstance(error), String(error));
      assert.deepEqual([error.billed, error.retryable], ["no", true]);
    });

  test("an answer cut after its task id is confirmed by one read and kept", async () => {
    const whole = JSON.stringify(acceptedBody);
    const { client, paid } = played(suite, [[cutAfter(acceptedBody, whole.length - 1)], processing]);
    const task = await client.submit(request);
    assert.match(task.id, /^\S+$/);
    assert.equal(paid().length, 1);
  });

  test("one key pays once: a second and a simultaneous submit return the same task", async () => {
    const { client, paid } = played(suite, [accepted, processing]);
    const [a, b] = await Promise.all([
      client.submit(request, { idempotencyKey: "k" }),
      client.submit(request, { idempotencyKey: "k" }),
    ]);
    const c = await client.submit(request, { idempotencyKey: "k" });
    assert.deepEqual([b.id, c.id, paid().length], [a.id, a.id, 1]);
  });

  test("the same key with another request is refused before anything is sent", async () => {
    const { client, paid } = played(suite, [accepted]);
    await client.submit(request, { idempotencyKey: "k" });
    const other = { ...request, extraBody: { ...request.extraBody, another_request: true } };
    const error = await errorOf(client.submit(other, { idempotencyKey: "k" }));
    assert.ok(InvalidRequestError.isInstance(error), String(error));
    assert.deepEqual([error.issues[0]?.path, paid().length], ["idempotencyKey", 1]);
  });

  test("an abort settles at once; the POST runs on and its task is journaled", async () => {
    const journal = memoryJournal();
    const abort = new AbortController();
    const late: Step = async (seen) => {
      abort.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      return answer(200, acceptedBody)(seen);
    };
    const { client } = played(suite, [[late]], { journal });
    const error = await errorOf(client.submit(request, { idempotencyKey: "k", signal: abort.signal }));
    assert.ok(AbortedError.isInstance(error), String(error));
    assert.deepEqual([error.name, error.billed, error.idempotencyKey], ["AbortError", "unknown", "k"]);
    await client.drain();
    assert.equal((await journal.get("k"))?.state, "accepted");
  });

  test("after drain no POST starts", async () => {
    const { client, paid } = played(suite, [accepted]);
    await client.drain();
    const error = await errorOf(client.submit(request));
    assert.ok(AbortedError.isInstance(error), String(error));
    assert.deepEqual([error.billed, paid().length], ["no", 0]);
  });

  test("a journal that cannot be written stops the submit before the POST", async () => {
    const journal = { ...memoryJournal(), begin: () => Promise.reject(new Error("disk full")) };
    const { client, paid } = played(suite, [accepted], { journal });
    const error = (await errorOf(client.submit(request))) as { code?: string; billed?: string };
    assert.deepEqual([error.code, error.billed, paid().length], ["journal", "no", 0]);
  });
}

/** Of several examples, which. */
export const nth = (index: number): string => (index === 0 ? "" : ` (${index + 1})`);
