// What the vendor sends when a task ends: who is told, how often, and what is believed of it.
import assert from "node:assert/strict";
import { createReceiver } from "../client/functions.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { SubmitUnknownError } from "../task/errors.ts";
import type { EndedTask } from "../task/task.ts";
import { taskIdOf, type Adapter } from "../vendor-spec/spec.ts";
import { jumpClock } from "./jump-clock.ts";
import { answer, reset, type Step } from "./stub-fetch.ts";
import { acceptedId, madeAt } from "./vendor-find-cases.ts";
import { examplesOf } from "./vendor-fixtures.ts";
import { nth } from "./vendor-submit-cases.ts";
import { CALLBACK, errorOf, played, stepsOf, type Suite } from "./vendor-suite.ts";
import { callbackUrlIn } from "./vendor-wire.ts";

type How = { body?: string; at?: number; headers?: { readonly [header: string]: string } };

export function callbackCases(suite: Suite, callback: NonNullable<Adapter["callback"]>): void {
  const { test, request, fixtures, adapter } = suite;
  const accepted = stepsOf(examplesOf(fixtures.accepted)[0]);
  const [ended] = examplesOf(fixtures.succeeded);
  const examples = examplesOf(fixtures.callback);
  const textOf = (index = 0) => withId(suite, callback, examples[index]?.[0]?.body);

  /** A submit under a key with a callback, its receiver, and the vendor that calls it. */
  const called = async (...turns: (readonly Step[])[]) => {
    const clock = jumpClock({ origin: madeAt(suite, ended) });
    const journal = { ...memoryJournal(), durable: true } as const;
    const parts = played(suite, turns, { clock, journal, callback: CALLBACK });
    const told: { task: EndedTask; key: string }[] = [];
    const receiver = createReceiver({
      clients: [parts.client],
      onTask: (task, { idempotencyKey: key }) => void told.push({ task, key }),
    });
    const submit = () => parts.client.submit(request, { idempotencyKey: "k" });
    const call = async ({ body = textOf(), at = clock.now(), headers }: How = {}) => {
      const [post] = parts.paid();
      assert.ok(post, "nothing was submitted");
      const signed = headers ?? (await suite.sign?.(body, suite.secrets, at)) ?? {};
      const init = { method: "POST", body, headers: { "content-type": "application/json", ...signed } };
      return receiver.fetch(new Request(callbackUrlIn(post), init));
    };
    return { ...parts, clock, journal, told, submit, call };
  };

  for (const index of examples.keys())
    test(`a callback ends its task, once${nth(index)}`, async () => {
      const { submit, call, told, client } = await called(accepted, stepsOf(ended));
      const { id } = await submit();
      assert.equal((await call({ body: textOf(index) })).status, 200);
      assert.equal((await call({ body: textOf(index) })).status, 200);
      assert.deepEqual(
        told.map(({ task, key }) => [task.id, key]),
        [[id, "k"]],
      );
      await client.drain();
    });

  test("a callback gives a submit whose answer was lost its task", async () => {
    const { submit, call, told, play, paid, client } = await called([reset], [answer(404)]);
    assert.ok(SubmitUnknownError.isInstance(await errorOf(submit())));
    play(stepsOf(ended));
    assert.equal((await call()).status, 200);
    assert.deepEqual([told.length, (await submit()).id], [1, acceptedId(suite)]);
    if (adapter.idempotencyWindowMs === undefined) assert.equal(paid().length, 1);
    await client.drain();
  });

  test("a body that names no task is refused, and the vendor is asked nothing", async () => {
    const { submit, call, told, seen } = await called(accepted);
    await submit();
    for (const body of ["{}", "[]", "null", "{", "<html></html>"]) {
      const { status } = await call({ body });
      assert.ok(status === 400 || status === 401, `${body} was answered with ${status}`);
    }
    assert.deepEqual([told.length, seen.length], [0, 1]);
  });

  const { challenge } = fixtures;
  if (callback.challenge && challenge)
    test("a test of the URL is answered, and nothing else is done", async () => {
      const { submit, call, told, seen } = await called(accepted);
      await submit();
      const response = await call({ body: JSON.stringify(challenge.body), headers: {} });
      assert.deepEqual([response.status, await response.json()], [200, challenge.answer]);
      assert.deepEqual([told.length, seen.length], [0, 1]);
    });

  if (!callback.verify) return;
  const forged: Record<string, (now: number) => How | Promise<How>> = {
    "without a signature": () => ({ headers: {} }),
    "that was signed for another body": async (now) => ({
      body: `${textOf()} `,
      headers: (await suite.sign?.(textOf(), suite.secrets, now)) ?? {},
    }),
    "that was signed a day ago": (now) => ({ at: now - 86_400_000 }),
  };
  for (const [name, how] of Object.entries(forged))
    test(`a callback ${name} is answered with 401, and nothing is done`, async () => {
      const { submit, call, told, seen, clock } = await called(accepted);
      await submit();
      const { status } = await call(await how(clock.now()));
      assert.deepEqual([status, told.length, seen.length], [401, 0, 1]);
    });
}

/** The text of a callback's body with the id of the accepted task. */
function withId(suite: Suite, callback: NonNullable<Adapter["callback"]>, body: unknown): string {
  const text = JSON.stringify(body);
  const id = taskIdOf(suite.adapter, callback.read(body).id);
  assert.ok(id !== undefined, "`callback.read` finds no id in `fixtures.callback`");
  return text.replaceAll(JSON.stringify(id).slice(1, -1), JSON.stringify(acceptedId(suite)).slice(1, -1));
}
