// Calls: where they go, what they carry, and that a wrong description fails before anything is paid for.
import { expect, onTestFinished, test } from "vitest";
import { defineVendor } from "../client/create-client.ts";
import { accepted, acme, acmeClient, ref, request, running } from "../test/acme.ts";
import { serve } from "../test/serve.ts";
import { KEY } from "../testing/vendor-suite.ts";
import type { HttpCall } from "./call.ts";
import type { Adapter } from "./spec.ts";

const asking = (call: Partial<HttpCall>): Partial<Adapter> => ({
  status: { ...acme.status, call: () => ({ path: "/tasks/t1", ...call }) },
});
const origins = { files: "https://files.acme.test/v2/" };

test.each(["GET", "POST", "PUT", "DELETE"] as const)("a call is a %s where the vendor wants one", async (method) => {
  const { client, seen } = acmeClient([running], {}, asking({ method }));
  await client.get(ref);
  expect(seen[0]?.method).toBe(method);
});

test("a call has the vendor's headers beside the credentials", async () => {
  const { client, seen } = acmeClient([running], {}, asking({ headers: { "x-version": "2024-11-06" } }));
  await client.get(ref);
  expect([seen[0]?.headers.get("x-version"), seen[0]?.headers.get("authorization")]).toEqual([
    "2024-11-06",
    `Bearer ${KEY}`,
  ]);
});

test("a paid call has them too, and is a POST", async () => {
  const call: Adapter["submit"]["call"] = () => ({
    method: "PUT",
    path: "/t",
    headers: { "x-version": "1" },
    json: {},
  });
  const { client, seen } = acmeClient([accepted], {}, { submit: { ...acme.submit, call } });
  await client.submit(request);
  expect([seen[0]?.method, seen[0]?.headers.get("x-version")]).toEqual(["POST", "1"]);
});

test("a call goes to the named origin of the vendor", async () => {
  const { client, seen } = acmeClient([running], {}, { origins, ...asking({ at: "files" }) });
  await client.get(ref);
  expect(seen[0]?.url).toBe("https://files.acme.test/v2/tasks/t1");
});

test("a base URL of the user's own stands for every origin: nothing goes past it", async () => {
  const { client, seen } = acmeClient(
    [running],
    { baseUrl: "http://127.0.0.1:8080/x" },
    { origins, ...asking({ at: "files" }) },
  );
  await client.get(ref);
  expect(seen[0]?.url).toBe("http://127.0.0.1:8080/x/tasks/t1");
});

test("credentials go through no redirect", async () => {
  const seen: string[] = [];
  const other = await serve((incoming, response) => (seen.push(String(incoming.headers["x-key"])), response.end("{}")));
  const server = await serve((_, response) => response.writeHead(302, { location: `${other.url}/t` }).end());
  onTestFinished(async () => void (await Promise.all([other.close(), server.close()])));
  const { client } = acmeClient([], { baseUrl: server.url, fetch: undefined }, { auth: () => ({ "x-key": "k" }) });
  await expect(client.get(ref)).rejects.toMatchObject({ name: "VendorError" });
  expect(seen).toEqual([]);
});

const submitting = (call: Partial<HttpCall>): Partial<Adapter> => ({
  submit: { ...acme.submit, call: () => ({ path: "/t", json: {}, ...call }) },
});
const noPath = { path: "tasks" };

test.each<[change: Partial<Adapter>, message: string]>([
  [submitting(noPath), "`submit.call(…).path` must be a path that starts with `/`"],
  [submitting({ path: "https://evil.test/t" }), "`submit.call(…).path` must be a path that starts with `/`"],
  [submitting({ at: "elsewhere" }), "`submit.call(…).at` must be a name of `origins`"],
  [submitting({ headers: { Authorization: "mine" } }), "`submit.call(…).headers.Authorization` must be left out"],
  [submitting({ headers: { "content-type": "text/plain" } }), "`submit.call(…).headers.content-type` must be left out"],
  [submitting({ headers: { "x-a": "ä" } }), "`submit.call(…).headers.x-a` must be visible ASCII"],
  [submitting({ headers: { "x-a": "a\r\nb: c" } }), "`submit.call(…).headers.x-a` must be visible ASCII"],
  [submitting({ headers: { "x a": "a" } }), "`submit.call(…).headers.x a` must be visible ASCII"],
  [asking(noPath), "`status.call(…).path` must be a path that starts with `/`"],
])(
  "what a description says wrong of a call fails the plan and the submit, with its name: %j",
  async (change, message) => {
    const { client, seen } = acmeClient([accepted], {}, change);
    expect(() => client.plan(request)).toThrow(new RegExp(`^the description of acme: ${escaped(message)}`));
    await expect(client.submit(request)).rejects.toThrow(message);
    expect(seen).toEqual([]);
  },
);

const escaped = (text: string) => text.replace(/[()./`]/g, "\\$&");

test("a header that both the call and auth set fails the submit before anything is sent", async () => {
  const auth = () => ({ "X-Key": "k" });
  const { client, seen } = acmeClient([accepted], {}, { auth, ...submitting({ headers: { "x-key": "mine" } }) });
  await expect(client.submit(request)).rejects.toThrow("`headers.x-key` must be left out of calls: `auth` sets it");
  expect(seen).toEqual([]);
});

test.each<[change: object, message: string]>([
  [{ vendor: "Acme" }, "`vendor` must be a name of lower-case letters"],
  [{ baseUrl: "api.acme.test" }, "`baseUrl` must be an http(s) URL"],
  [{ origins: { files: "ftp://files.acme.test" } }, "`origins.files` must be an http(s) URL"],
  [{ secrets: {} }, "`secrets` must be the environment variable of one secret at least"],
  [{ secrets: undefined }, "`secrets` must be the environment variable of one secret at least"],
  [
    { secrets: { token: "ACME_TOKEN" } },
    "`secrets.apiKey` must be the name of an environment variable, where there is no `auth`",
  ],
  [{ secrets: { apiKey: "" } }, "`secrets.apiKey` must be the name of an environment variable"],
  [{ submit: undefined }, "`submit` must be an object of call and read"],
  [{ submit: { call: acme.submit.call } }, "`submit.read` must be a function"],
  [{ status: () => ({ path: "/" }) }, "`status` must be an object of call and read"],
  [{ refusal: undefined }, "`refusal` must be a function"],
  [{ callback: () => ({ id: "t1" }) }, "`callback` must be an object of read"],
  [
    { balance: { call: { path: "credits" }, read: () => ({}) } },
    "`balance.call(…).path` must be a path that starts with `/`",
  ],
])("a wrong description fails when the vendor is defined, with the member named: %j", (change, message) => {
  expect(() => defineVendor({ ...acme, ...change })).toThrow(
    `the description of ${String((change as { vendor?: string }).vendor ?? "acme")}: ${message}`,
  );
});
