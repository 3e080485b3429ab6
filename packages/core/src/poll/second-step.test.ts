// A status that takes two calls, and one whose errors are ends: what ends a task, and what is only a fault.
import { describe, expect, test } from "vitest";
import { acme, acmeClient, done, ref, running } from "../test/acme.ts";
import { answer, cutAfter, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { Asked } from "../vendor-spec/call.ts";
import type { Next, TaskStatus } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

type Body = { url?: string; detail?: { type: string }[] };

/** Of the documented shapes; anything else says nothing, or throws. */
function readResult(body: unknown, status: number): TaskStatus | undefined {
  const { url, detail } = body as Body;
  if (status < 300) return { state: "succeeded", videos: [{ url: String(url) }] };
  const [first] = detail ?? [];
  return first && { state: "failed", failure: { code: "content_rejected", message: first.type, billed: "no" } };
}

const twoSteps: Partial<Adapter> = {
  status: {
    call: ({ id }) => ({ path: `/tasks/${id}/status` }),
    read: (body, { id }): TaskStatus | Next =>
      (body as { status: string }).status === "done"
        ? { call: { path: `/tasks/${id}` }, read: readResult }
        : { state: "processing" },
  },
};
const completed = answer(200, { status: "done" });
const result = answer(200, { url: "https://cdn.acme.test/v.mp4" });
const policy = answer(422, { detail: [{ type: "content_policy_violation" }] });

test("the result is asked for at once, under the same question, with credentials", async () => {
  const { client, seen } = acmeClient([completed, result], {}, twoSteps);
  expect(await client.get(ref)).toMatchObject({ state: "succeeded", videos: [{ url: "https://cdn.acme.test/v.mp4" }] });
  expect(seen.map(({ url }) => new URL(url).pathname)).toEqual(["/v1/tasks/t1/status", "/v1/tasks/t1"]);
  expect(seen[1]?.headers.get("authorization")).toBe(seen[0]?.headers.get("authorization"));
});

test("a task that runs needs one call", async () => {
  const { client, seen } = acmeClient([running], {}, twoSteps);
  expect((await client.get(ref)).state).toBe("processing");
  expect(seen.length).toBe(1);
});

test("a documented refusal of the result is the task's end", async () => {
  const { client } = acmeClient([completed, policy], {}, twoSteps);
  expect(await client.get(ref)).toMatchObject({ state: "failed", failure: { code: "content_rejected" } });
});

const faults: Record<string, Step> = {
  "HTML with 502": answer(502, "<html>"),
  "JSON of a proxy with 502": answer(502, { message: "upstream" }),
  "a 404 in the documented shape": answer(404, { detail: [{ type: "gone" }] }),
  "a 429 in the documented shape": answer(429, { detail: [{ type: "slow" }] }),
  "a 408": answer(408, { detail: [{ type: "late" }] }),
  "a 425": answer(425, { detail: [{ type: "early" }] }),
  "a 422 of another shape": answer(422, { error: "?" }),
  "a 422 that breaks off": (seen) => {
    const whole = cutAfter({ detail: [{ type: "content_policy_violation" }] }, 50)(seen) as Response;
    return new Response(whole.body, { status: 422, headers: whole.headers });
  },
  "a 200 of another shape": answer(200, []),
  "a 200 without JSON": answer(200, "ok"),
};
test.each(Object.entries(faults))("%s for the result ends nothing: the wait asks again", async (_, step) => {
  const { client, seen } = acmeClient([completed, step, completed, result], {}, twoSteps);
  expect(await client.wait(ref)).toMatchObject({ state: "succeeded" });
  expect(seen.length).toBe(4);
});

test("a second step that names a third is a ProtocolError", async () => {
  const endless = { call: { path: "/a" }, read: (): unknown => endless };
  const { client } = acmeClient([completed], {}, { status: { ...acme.status, read: () => endless as never } });
  await expect(client.get(ref)).rejects.toMatchObject({ code: "protocol", path: "state" });
});

test("a second step whose path names another host is refused, with its name", async () => {
  const away = { call: { path: "https://evil.test/r" }, read: readResult };
  const { client, seen } = acmeClient([completed], {}, { status: { ...acme.status, read: () => away } });
  await expect(client.get(ref)).rejects.toThrow("`status.read(…).call.path` must be a path that starts with `/`");
  expect(seen.length).toBe(1);
});

describe("a vendor that answers the status of a failed task with an error", () => {
  const errors: Partial<Adapter> = {
    status: { ...acme.status, errors: true, read: (body, _ref, status) => readResult(body, status) as TaskStatus },
  };

  test("tells the end by it", async () => {
    const { client } = acmeClient([policy], {}, errors);
    expect(await client.get(ref)).toMatchObject({ state: "failed" });
  });

  test.each(Object.entries(faults))("%s is none", async (_, step) => {
    const { client } = acmeClient([step, result], {}, errors);
    expect(await client.wait(ref)).toMatchObject({ state: "succeeded" });
  });

  test("without the mark such an answer is a VendorError", async () => {
    const { client } = acmeClient([policy], {}, { status: { ...errors.status, errors: undefined } as never });
    expect(await errorOf(client.get(ref))).toMatchObject({ name: "VendorError" });
  });
});

test("a refusal knows what was asked", async () => {
  const asked: Asked[] = [];
  const refusal: Adapter["refusal"] = (status, body, what) => (asked.push(what), acme.refusal(status, body, what));
  const { client } = acmeClient(
    [completed, answer(500, {}), answer(200, 7), answer(200, { id: "t1" })],
    {},
    { ...twoSteps, refusal },
  );
  await errorOf(client.get(ref));
  await client.balance?.();
  await client.submit({ model: "acme-1", prompt: "x" });
  expect([...new Set(asked)]).toEqual(["status", "next", "balance", "submit"]);
});

test("the place in the queue is shown where the vendor says it", async () => {
  const waiting = { state: "pending" as const, queuePosition: 3 };
  const { client } = acmeClient([done], {}, { status: { ...acme.status, read: () => waiting } });
  expect(await client.get(ref)).toMatchObject({ state: "pending", queuePosition: 3 });
});
