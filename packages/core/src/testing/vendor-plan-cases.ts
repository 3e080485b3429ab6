// What is known before anything is sent.
import assert from "node:assert/strict";
import type { ClientOptions } from "../context/options.ts";
import { unlistedModel } from "../request/unlisted.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { examplesOf } from "./vendor-fixtures.ts";
import { CALLBACK, errorOf, played, stepsOf, type Suite } from "./vendor-suite.ts";

export function planCases(suite: Suite): void {
  const { test, request, adapter } = suite;
  const variables = Object.values(adapter.secrets);
  const none = Object.fromEntries(Object.keys(adapter.secrets).map((option) => [option, undefined])) as ClientOptions;

  test("a plan needs no key and no network, and its body is JSON", async () => {
    const { client, seen } = played(suite, [], none);
    const plan = client.plan(request);
    assert.equal(plan.vendor, client.vendor);
    assert.equal(plan.method, "POST");
    assert.match(plan.url, /^https?:\/\//);
    assert.ok(Object.keys(JSON.parse(JSON.stringify(plan.body)) as object).length > 0);
    assert.deepEqual(client.plan(request), plan);
    assert.equal(seen.length, 0);
  });

  if (adapter.callback)
    test("a plan shows where the vendor is told the callback URL", async () => {
      const { client } = played(suite, [], { callback: CALLBACK });
      const { callback } = client.plan(request);
      assert.ok(
        callback,
        "`submit.call` puts `callbackUrl` neither into its body nor into the path's query or a header",
      );
    });

  test("an unknown model and an unknown field are refused with their paths before anything is sent", async () => {
    const { client, seen } = played(suite, []);
    for (const [wrong, path] of [
      [{ ...request, model: "no-such-model" }, "model"],
      [{ ...request, noSuchField: 1 }, "noSuchField"],
    ] as const) {
      const error = await errorOf(client.submit(wrong));
      assert.ok(InvalidRequestError.isInstance(error), String(error));
      assert.deepEqual([error.issues.map((issue) => issue.path), error.billed], [[path], "no"]);
    }
    assert.equal(seen.length, 0);
  });

  if (adapter.submit.unlisted)
    test("a model that is not listed goes out in the vendor's own words when asked for on purpose, with a warning and no price", async () => {
      const [accepted] = examplesOf(suite.fixtures.accepted);
      const { client, seen } = played(suite, [stepsOf(accepted)]);
      const unlisted = unlistedModel({ model: "no-such-model", extraBody: { a_field: 1 } });
      const plan = client.plan(unlisted);
      assert.deepEqual(
        plan.warnings.map(({ about, kind }) => [about, kind]),
        [["model", "unchecked"]],
      );
      assert.deepEqual([plan.price, plan.expected, plan.body["a_field"]], [undefined, undefined, 1]);
      await errorOf(client.submit(unlisted, { maxPrice: 1000 }));
      assert.equal(seen.length, 0);
      assert.equal((await client.submit(unlisted)).model, "no-such-model");
      assert.ok(JSON.stringify(seen).includes("no-such-model"), "the model's id is not sent");
    });

  test("missing credentials are an error at the first call that names the environment variables", async () => {
    const env = (globalThis as { process?: { env?: NodeJS.ProcessEnv } }).process?.env ?? {}; // a Worker may have none
    const saved = variables.map((variable) => [variable, env[variable]] as const);
    for (const variable of variables) delete env[variable];
    try {
      const { client, seen } = played(suite, [], none);
      const error = await errorOf(client.submit(request));
      assert.ok(InvalidRequestError.isInstance(error), String(error));
      assert.equal(error.issues[0]?.path, Object.keys(adapter.secrets)[0]);
      for (const variable of variables) assert.ok(error.message.includes(variable), `${variable} is not named`);
      assert.equal(seen.length, 0);
    } finally {
      for (const [variable, value] of saved) if (value !== undefined) env[variable] = value;
    }
  });

  test("extraBody goes into the body, and may not override what vidtask wrote", async () => {
    const { client } = played(suite, []);
    assert.equal(client.plan({ ...request, extraBody: { extra_field: 1 } }).body["extra_field"], 1);
    const [written] = Object.entries(client.plan(request).body).find(([, value]) => typeof value !== "object") ?? [];
    if (written === undefined) return;
    assert.throws(() => client.plan({ ...request, extraBody: { [written]: "mine" } }), InvalidRequestError);
  });
}
