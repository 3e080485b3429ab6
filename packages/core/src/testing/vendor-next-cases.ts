// A status that takes a second call: its credentials, and what goes wrong between the two.
import assert from "node:assert/strict";
import { answer, cutAfter, reset, type Step } from "./stub-fetch.ts";
import { examplesOf } from "./vendor-fixtures.ts";
import { assertNoneOf, played, stepsOf, type Suite } from "./vendor-suite.ts";
import { assertCredentials } from "./vendor-wire.ts";

export function nextCases(suite: Suite): void {
  const { test, request, fixtures } = suite;
  const twice = examplesOf(fixtures.succeeded).find((answers) => answers.length > 1);
  if (!twice) return;
  const [first, next] = stepsOf(twice);
  if (!first || !next) return;
  const submitted = async (...turns: (readonly Step[])[]) => {
    const parts = played(suite, [stepsOf(examplesOf(fixtures.accepted)[0]), ...turns]);
    return { ...parts, task: await parts.client.submit(request) };
  };

  test("the second call of a status has its credentials and is another", async () => {
    const parts = await submitted([first, next]);
    await parts.client.get(parts.task);
    const [, status, second, ...others] = parts.seen;
    assert.equal(others.length, 0);
    assert.notEqual(second?.url, status?.url);
    await assertCredentials(suite, parts, second);
  });

  const passing: Record<string, Step> = {
    "a reset": reset,
    "a gateway's 502": answer(502, "<html><title>Bad gateway</title></html>"),
    "JSON of a proxy with 502": answer(502, { message: "upstream" }),
    "a 404": answer(404, {}),
    "a 429": answer(429, {}),
    "an empty 200": answer(200, ""),
    "JSON null with 200": answer(200, null),
    "a cut body": cutAfter(twice[1]?.body, 12),
  };
  for (const [name, step] of Object.entries(passing))
    test(`a wait survives ${name} of the second call, twice in a row`, async () => {
      const { client, context, task, events } = await submitted([first, step], [first, step], [first, next]);
      assert.equal((await client.wait(task, { poll: { first: 0, interval: 1 } })).state, "succeeded");
      assert.equal(events.filter(({ type }) => type === "fault").length, 2);
      assertNoneOf(context.secrets(), events);
    });
}
