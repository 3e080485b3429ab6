// The paid POST: what each answer means, and that it never leaves twice when it could have been accepted.
import assert from "node:assert/strict";
import { contextOf } from "../client/members.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { runtimeOfCustomFetch } from "../submit/send.ts";
import { AbortedError, ConnectionError, InvalidRequestError, SubmitUnknownError, VendorError } from "../task/errors.ts";
import { answer, cutAfter, refusedConnection, reset, type Step } from "./stub-fetch.ts";
import { assertNoSecret, errorOf, KEY, stubbedClient, type Suite } from "./vendor-suite.ts";

const HTML = "<html><body>Bad gateway</body></html>";

export function submitCases(suite: Suite): void {
  const { test, request, fixtures, create } = suite;
  const accepted = answer(200, fixtures.accepted);
  // Some vendors say it in the body as well; of one that does not, such a body under HTTP 200 proves nothing.
  const isRefusedByBody = contextOf(create()).adapter.refusal(200, fixtures.refused, "submit") !== undefined;
  // Elsewhere (Deno, a Worker) no error of a custom fetch proves that a request never left.
  const isRefusalProof = runtimeOfCustomFetch() !== "other";
  const refusedUnder200 = { "the documented refusal under HTTP 200": answer(200, fixtures.refused) };

  test("an accepted submit is one POST with the key in one header and a pending task as its result", async () => {
    const { client, seen, posts } = stubbedClient(suite, [accepted]);
    const task = await client.submit(request);
    assert.equal(task.state, "pending");
    assert.deepEqual([task.vendor, task.model], [client.vendor, request.model]);
    assert.equal(posts(), 1);
    const [post] = seen;
    assert.equal(post?.headers.get("authorization"), `Bearer ${KEY}`);
    post?.headers.delete("authorization");
    assertNoSecret([...(post?.headers ?? [])], post?.url, post?.body, task);
    assert.deepEqual(JSON.parse(post?.body ?? ""), JSON.parse(JSON.stringify(client.plan(request).body)));
  });

  const unknown: Record<string, Step> = {
    "a reset": reset,
    "an empty 200": answer(200, ""),
    "a 204": answer(204),
    "HTML with 200": answer(200, HTML),
    "JSON null with 200": answer(200, null),
    "a 200 cut before the id": cutAfter(fixtures.accepted, 8),
    "HTML with 502": answer(502, HTML),
    "an empty 503": answer(503),
    "a 500": answer(500, {}),
    "a 504": answer(504),
    "an idle 408": answer(408),
    "a 409": answer(409, {}),
    "a 302": answer(302, "", { location: "https://elsewhere.test/" }),
    "an accepted body with 500": answer(500, fixtures.accepted),
    ...(isRefusedByBody ? {} : refusedUnder200),
    ...(isRefusalProof ? {} : { "a refused connection": refusedConnection }),
  };
  for (const [name, step] of Object.entries(unknown))
    test(`${name} after the paid POST is an unknown outcome and never sent again`, async () => {
      const { client, posts } = stubbedClient(suite, [step, answer(404)]);
      const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
      assert.ok(SubmitUnknownError.isInstance(error), String(error));
      assert.deepEqual([error.billed, error.retryable, error.idempotencyKey], ["unknown", false, "k"]);
      const again = await errorOf(client.submit(request, { idempotencyKey: "k" }));
      assert.ok(SubmitUnknownError.isInstance(again), String(again));
      assert.equal(posts(), 1);
      assertNoSecret(error, again);
    });

  const refused: Record<string, Step> = {
    "the documented refusal under its HTTP status": answer(400, fixtures.refused),
    ...(isRefusedByBody ? refusedUnder200 : {}),
    "a 401": answer(401, {}),
    "HTML with 403": answer(403, HTML),
    "a 307": answer(307, "", { location: "https://elsewhere.test/v2" }),
  };
  for (const [name, step] of Object.entries(refused))
    test(`${name} refuses the submit: nothing is billed, nothing sent again, and the key is free`, async () => {
      const { client, posts } = stubbedClient(suite, [step, accepted]);
      const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
      assert.ok(VendorError.isInstance(error), String(error));
      assert.deepEqual([error.billed, error.phase, posts()], ["no", "submit", 1]);
      assertNoSecret(error);
      await client.submit(request, { idempotencyKey: "k" });
      assert.equal(posts(), 2);
    });

  const passing: Record<string, Step> = {
    "a rate limit": answer(429),
    ...(isRefusalProof ? { "a refused connection": refusedConnection } : {}),
  };
  for (const [name, step] of Object.entries(passing))
    test(`${name} is waited out and the submit sent again`, async () => {
      const { client, posts, events } = stubbedClient(suite, [step, step, accepted]);
      await client.submit(request);
      assert.equal(posts(), 3);
      assert.equal(events.filter(({ type }) => type === "retry").length, 2);
    });

  if (isRefusalProof)
    test("a vendor that cannot be reached ends in a ConnectionError that bills nothing", async () => {
      const error = await errorOf(stubbedClient(suite, [refusedConnection]).client.submit(request));
      assert.ok(ConnectionError.isInstance(error), String(error));
      assert.deepEqual([error.billed, error.retryable], ["no", true]);
    });

  test("an answer cut after its task id is confirmed by one read and kept", async () => {
    const whole = JSON.stringify(fixtures.accepted);
    const { client, posts } = stubbedClient(suite, [
      cutAfter(fixtures.accepted, whole.length - 1),
      answer(200, fixtures.processing),
    ]);
    const task = await client.submit(request);
    assert.match(task.id, /^\S+$/);
    assert.equal(posts(), 1);
  });

  test("one key pays once: a second and a simultaneous submit return the same task", async () => {
    const { client, posts } = stubbedClient(suite, [accepted, answer(200, fixtures.processing)]);
    const [a, b] = await Promise.all([
      client.submit(request, { idempotencyKey: "k" }),
      client.submit(request, { idempotencyKey: "k" }),
    ]);
    const c = await client.submit(request, { idempotencyKey: "k" });
    assert.deepEqual([b.id, c.id, posts()], [a.id, a.id, 1]);
  });

  test("the same key with another request is refused before anything is sent", async () => {
    const { client, posts } = stubbedClient(suite, [accepted]);
    await client.submit(request, { idempotencyKey: "k" });
    const error = await errorOf(
      client.submit({ ...request, prompt: `${request.prompt ?? ""} again` }, { idempotencyKey: "k" }),
    );
    assert.ok(InvalidRequestError.isInstance(error), String(error));
    assert.deepEqual([error.issues[0]?.path, posts()], ["idempotencyKey", 1]);
  });

  test("an abort settles at once; the POST runs on and its task is journaled", async () => {
    const journal = memoryJournal();
    const abort = new AbortController();
    const late: Step = async (seen) => {
      abort.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      return accepted(seen);
    };
    const { client } = stubbedClient(suite, [late], { journal });
    const error = await errorOf(client.submit(request, { idempotencyKey: "k", signal: abort.signal }));
    assert.ok(AbortedError.isInstance(error), String(error));
    assert.deepEqual([error.name, error.billed, error.idempotencyKey], ["AbortError", "unknown", "k"]);
    await client.drain();
    assert.equal((await journal.get("k"))?.state, "accepted");
  });

  test("after drain no POST starts", async () => {
    const { client, posts } = stubbedClient(suite, [accepted]);
    await client.drain();
    const error = await errorOf(client.submit(request));
    assert.ok(AbortedError.isInstance(error), String(error));
    assert.deepEqual([error.billed, posts()], ["no", 0]);
  });

  test("a journal that cannot be written stops the submit before the POST", async () => {
    const journal = { ...memoryJournal(), begin: () => Promise.reject(new Error("disk full")) };
    const { client, posts } = stubbedClient(suite, [accepted], { journal });
    const error = (await errorOf(client.submit(request))) as { code?: string; billed?: string };
    assert.deepEqual([error.code, error.billed, posts()], ["journal", "no", 0]);
  });
}
