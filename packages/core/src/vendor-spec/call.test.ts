// Calls: where they go, what they carry, and that a wrong description fails before anything is paid for.
import { expect, onTestFinished, test } from "vitest";
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
test("a header that both the call and auth set fails the submit before anything is sent", async () => {
  const auth = () => ({ "X-Key": "k" });
  const { client, seen } = acmeClient([accepted], {}, { auth, ...submitting({ headers: { "x-key": "mine" } }) });
  await expect(client.submit(request)).rejects.toThrow("`headers.x-key` must be left out of calls: `auth` sets it");
  expect(seen).toEqual([]);
});
