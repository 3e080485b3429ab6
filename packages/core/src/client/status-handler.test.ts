// The route that a page polls: who may see what, and how often the vendor is asked for it.
import { describe, expect, test } from "vitest";
import { formatRef, type TaskRef } from "../task/task.ts";
import { acmeClient, done, failed, ref } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret } from "../testing/vendor-suite.ts";
import { toStatusHandler } from "./status-handler.ts";

const half = answer(200, { status: "running", progress: 0.5 });
const asked = (query = `ref=${encodeURIComponent(formatRef(ref))}`, method = "GET") =>
  new Request(`https://app.test/status?${query}`, { method });

function handled(steps: readonly Step[], authorize: (request: Request, ref: TaskRef) => unknown = () => true) {
  const clock = jumpClock();
  const stub = acmeClient(steps, { clock });
  const handler = toStatusHandler(stub.client, { authorize: authorize as () => boolean });
  return { ...stub, handler, clock };
}

describe("an answer", () => {
  test("of a running task has its state, its progress and when to ask again", async () => {
    const { handler } = handled([half]);
    const response = await handler(asked());
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      state: "processing",
      progress: 0.5,
      nextPollAt: expect.stringMatching(/^\d{4}-/),
    });
  });

  test("of a task's end has its videos, or the failure's code without the vendor's words", async () => {
    const ended = await handled([done]).handler(asked());
    expect(await ended.json()).toMatchObject({
      state: "succeeded",
      videos: [{ url: "https://cdn.acme.test/v.mp4" }],
    });
    const lost = await handled([failed]).handler(asked());
    expect(await lost.json()).toEqual({ state: "failed", failure: { code: "unknown" } });
  });
});

describe("the vendor is asked", () => {
  test("once by any number of pages, and again when the answer's time has come", async () => {
    const { handler, seen, clock } = handled([half, done]);
    const [first, second] = await Promise.all([handler(asked()), handler(asked())]);
    await handler(asked());
    expect(seen).toHaveLength(1);
    expect(await second.json()).toEqual(await first.json());
    await clock.sleep(60_000);
    expect(await (await handler(asked())).json()).toMatchObject({ state: "succeeded" });
  });

  test("by nobody who may not see the task", async () => {
    for (const says of [false, undefined, 1, "yes", { user: 1 }, Promise.resolve(false)]) {
      const { handler, seen } = handled([half], () => says);
      const response = await handler(asked());
      expect([response.status, await response.json(), seen.length]).toEqual([404, { error: "not_found" }, 0]);
    }
  });

  test("by no other method", async () => {
    for (const method of ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"]) {
      const { handler, seen } = handled([half]);
      const response = await handler(asked(undefined, method));
      expect([response.status, response.headers.get("allow"), seen.length]).toEqual([405, "GET", 0]);
    }
  });
});

test.each(["", "ref=", "ref=t1", "ref=acme:acme-1", "ref=acme:acme-1:%25E0", "ref=a:b:c&ref=a:b:d", "id=a:b:c"])(
  "the query %j is refused before anybody is asked",
  async (query) => {
    const { handler, seen } = handled([half], () => {
      throw new Error("asked");
    });
    const response = await handler(asked(query));
    expect([response.status, seen.length]).toEqual([400, 0]);
  },
);

describe("what cannot be read", () => {
  test("looks the same, whether it is another's, unknown to the vendor, or of another vendor", async () => {
    const gone = answer(404, { error: { code: "gone", message: "no such task" } });
    const bodies = [];
    for (const [handler, query] of [
      [handled([half], () => false).handler, undefined],
      [handled([gone]).handler, undefined],
      [handled([half]).handler, "ref=other:model:t1"],
    ] as const) {
      const response = await handler(asked(query));
      bodies.push([response.status, await response.text(), [...response.headers]]);
    }
    expect(bodies[0]?.[0]).toBe(404);
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  test("for now is a 503, with a time to come back", async () => {
    const { handler } = handled([
      answer(429, { error: { code: "slow_down", message: "slow" } }, { "retry-after": "9" }),
    ]);
    const response = await handler(asked());
    expect([response.status, await response.json()]).toEqual([503, { error: "rate_limited" }]);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(5);
  });

  test("with this API key is a 502 that shows neither the key nor the vendor's sentence", async () => {
    const { handler } = handled([answer(401, { error: { code: "bad_key", message: "your key" } })]);
    const response = await handler(asked());
    const text = await response.text();
    expect([response.status, text]).toEqual([502, '{"error":"unauthorized"}']);
    assertNoSecret(text, [...response.headers]);
  });
});

test.each([[undefined], [null], [{}], [{ authorize: true }], [{ authorise: () => true }]])(
  "the options %j are refused where the handler is made",
  (options) => {
    const { client } = acmeClient([half]);
    expect(thrownBy(() => toStatusHandler(client, options as never))).toMatchObject({ code: "invalid_request" });
  },
);

test("what is no client is refused, too", () => {
  expect(thrownBy(() => toStatusHandler({} as never, { authorize: () => true }))).toMatchObject({
    issues: [{ path: "client" }],
  });
});
