import assert from "node:assert/strict";
import { contextOf } from "../client/members.ts";
import { InvalidRequestError } from "../task/errors.ts";
import { readCases } from "./vendor-read-cases.ts";
import { submitCases } from "./vendor-submit-cases.ts";
import { errorOf, stubbedClient, type Create, type DescribeVendorOptions, type Suite } from "./vendor-suite.ts";

/**
 * Conformance of a vendor package: replays its fixtures through a stub `fetch`, and every fault of the submit and the
 * polling table. One call in a test file is a vendor's test.
 */
export function describeVendor(create: Create, options: DescribeVendorOptions): void {
  const test = options.test ?? (globalThis as { test?: Suite["test"] }).test;
  if (!test)
    throw new TypeError("describeVendor: pass `test`, your runner's function, or run where `test` is a global");
  const suite: Suite = { ...options, test, create };
  planCases(suite);
  submitCases(suite);
  readCases(suite);
}

function planCases(suite: Suite): void {
  const { test, request, create } = suite;
  test("a plan needs no key and no network, and its body is JSON", async () => {
    const { client, seen } = stubbedClient(suite, [], { apiKey: undefined });
    const plan = client.plan(request);
    assert.equal(plan.vendor, client.vendor);
    assert.ok(Object.keys(JSON.parse(JSON.stringify(plan.body)) as object).length > 0);
    assert.deepEqual(client.plan(request), plan);
    assert.equal(seen.length, 0);
  });

  test("an unknown model and an unknown field are refused with their paths before anything is sent", async () => {
    const { client, seen } = stubbedClient(suite, []);
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

  test("a missing key is an error at the first call that names the environment variable", async () => {
    const { apiKey: variable = "" } = contextOf(create()).adapter.secrets;
    const env = (globalThis as { process?: { env?: NodeJS.ProcessEnv } }).process?.env ?? {}; // a Worker may have none
    const saved = env[variable];
    delete env[variable];
    try {
      const { client, seen } = stubbedClient(suite, [], { apiKey: undefined });
      const error = await errorOf(client.submit(request));
      assert.ok(InvalidRequestError.isInstance(error), String(error));
      assert.equal(error.issues[0]?.path, "apiKey");
      assert.ok(error.message.includes(variable));
      assert.equal(seen.length, 0);
    } finally {
      if (saved !== undefined) env[variable] = saved;
    }
  });

  test("extraBody goes into the body, and may not override what vidtask wrote", async () => {
    const { client } = stubbedClient(suite, []);
    assert.equal(client.plan({ ...request, extraBody: { extra_field: 1 } }).body["extra_field"], 1);
    const [written] = Object.entries(client.plan(request).body).find(([, value]) => typeof value !== "object") ?? [];
    if (written === undefined) return;
    assert.throws(() => client.plan({ ...request, extraBody: { [written]: "mine" } }), InvalidRequestError);
  });
}
