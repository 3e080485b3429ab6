// Credentials made of secrets: when they are made, what becomes of a refusal, and that no text shows them.
import { expect, onTestFinished, test, vi } from "vitest";
import type { ClientOptions, Secret } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acmeClient, done, ref, request, running } from "../test/acme.ts";
import { serve } from "../test/serve.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const SECRETS = { accessKey: "ACME_ACCESS_KEY", secretKey: "ACME_SECRET_KEY" };
const KEYS = { apiKey: undefined, accessKey: "access-key-1", secretKey: "secret-key-1" };
type Keys = { [K in keyof typeof SECRETS]?: Secret | undefined };

/** A vendor whose credentials are `change`d, over a stub. */
const signed = (steps: readonly Step[], auth: NonNullable<Adapter["auth"]>, options: ClientOptions & Keys = {}) =>
  acmeClient(steps, { ...KEYS, ...options } as ClientOptions, { secrets: SECRETS, auth });

const joined: NonNullable<Adapter["auth"]> = ({ accessKey, secretKey }) =>
  accessKey && secretKey ? { "x-key": `Key ${accessKey}:${secretKey}` } : undefined;

test("credentials of several secrets are the headers that auth gives, in paid and in free calls", async () => {
  const { client, seen } = signed([accepted, running], joined);
  await client.get(await client.submit(request));
  expect(seen.map(({ headers }) => headers.get("x-key"))).toEqual(Array(2).fill("Key access-key-1:secret-key-1"));
  expect(seen.map(({ headers }) => headers.get("authorization"))).toEqual([null, null]);
});

test("secrets that do not suffice are an error that names all variables, before anything is journaled", async () => {
  const journal = memoryJournal();
  const { client, seen } = signed([accepted], joined, { secretKey: "", journal });
  const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
  expect(error).toMatchObject({ code: "invalid_request", billed: "no", issues: [{ path: "accessKey" }] });
  expect(String(error)).toContain("ACME_ACCESS_KEY, ACME_SECRET_KEY");
  expect([seen.length, await journal.get("k")]).toEqual([0, undefined]);
});

test("an option that is no secret of the vendor is refused", () => {
  expect(() => signed([], joined, { apiKey: "k" })).toThrow("apiKey: is not an option of the acme client");
});

test("a secret is a text or a function", () => {
  expect(() => signed([], joined, { accessKey: 7 as never })).toThrow("accessKey: must be a string, or a function");
});

test("over a real socket a slow signer is asked at the start and again before the row says sending, never after", async () => {
  const server = await serve((incoming, response) => {
    steps.push(`POST ${String(incoming.headers["x-key"])}`);
    incoming.resume().on("end", () => response.end(JSON.stringify({ id: "t1" })));
  });
  onTestFinished(server.close);
  const steps: string[] = [];
  const inner = memoryJournal();
  const journal: typeof inner = {
    ...inner,
    begin: (entry) => (steps.push(entry.state), inner.begin(entry)),
    update: (key, version, patch) => (steps.push(String(patch.state)), inner.update(key, version, patch)),
  };
  let signatures = 0;
  const slow = async () => {
    const name = `signature-${++signatures}`;
    await new Promise((resolve) => setTimeout(resolve, 20));
    steps.push(name);
    return { "x-key": name };
  };
  const { client } = signed([], slow, { journal, baseUrl: server.url, fetch: undefined });
  await client.submit(request);
  expect(steps).toEqual(["signature-1", "signature-2", "sending", "POST signature-2", "accepted"]);
});

test("credentials are made for the time of each call: none is used past its end", async () => {
  const clock = jumpClock();
  const { client, seen } = signed([running, running], (_, now) => ({ "x-key": `valid-from-${now}` }), { clock });
  await client.get(ref);
  await clock.sleep(3_600_000);
  await client.get(ref);
  const [first, second] = seen.map(({ headers }) => Number(headers.get("x-key")?.split("-").at(-1)));
  expect((second ?? 0) - (first ?? 0)).toBe(3_600_000);
});

const broken = () => Promise.reject(new Error("the vault of secret-key-1 is closed"));
test.each<[what: string, auth: NonNullable<Adapter["auth"]>, options: Keys]>([
  ["the function of a secret rejects", joined, { accessKey: broken }],
  ["the function of a secret gives no text", joined, { accessKey: (() => 7) as never }],
  ["auth throws", broken, {}],
  ["auth gives what no header can carry", () => ({ "x-key": "a\nb" }), {}],
])("%s: nothing is sent, nothing is billed, and the key is free", async (_, auth, options) => {
  let isBroken = true;
  const mended: Keys = {
    accessKey: () => (isBroken ? ((options.accessKey as () => string)?.() ?? "access") : "access"),
  };
  const change: NonNullable<Adapter["auth"]> = (secrets, now) => (isBroken ? auth(secrets, now) : joined(secrets, now));
  const { client, posts } = signed([accepted], change, mended);
  const error = await errorOf(client.submit(request, { idempotencyKey: "k" }));
  expect(error).toMatchObject({ code: "connection", billed: "no", retryable: true });
  expect([posts(), String(error).includes("secret-key-1")]).toEqual([0, false]);
  isBroken = false;
  await client.submit(request, { idempotencyKey: "k" });
  expect(posts()).toBe(1);
});

test("credentials that fail after the uploads send nothing and free the key", async () => {
  let asked = 0;
  const auth = () => (++asked === 2 ? broken() : { "x-key": "k" });
  const { client, posts } = signed([accepted], auth);
  await expect(client.submit(request, { idempotencyKey: "k" })).rejects.toMatchObject({ billed: "no" });
  await client.submit(request, { idempotencyKey: "k" });
  expect(posts()).toBe(1);
});

test("a signer that never answers holds no submit that was aborted", async () => {
  const abort = new AbortController();
  const { client, posts } = signed([accepted], () => new Promise(() => {}));
  const submitting = errorOf(client.submit(request, { signal: abort.signal }));
  abort.abort();
  expect(await submitting).toMatchObject({ code: "aborted", billed: "no" });
  expect(posts()).toBe(0);
});

const refused = answer(401, { error: { code: "bad_key", message: "expired" } });

test("the first 401 of a read is asked again with credentials made anew", async () => {
  let count = 0;
  const { client, seen } = signed([refused, done], () => ({ "x-key": `token-${++count}` }));
  expect(await client.get(ref)).toMatchObject({ state: "succeeded" });
  expect(seen.map(({ headers }) => headers.get("x-key"))).toEqual(["token-1", "token-2"]);
});

test("the second 401 in a row ends a wait, and is not asked again until an answer has come", async () => {
  const { client, seen } = signed([refused, refused, refused, done, refused, done], joined);
  await expect(client.wait(ref)).rejects.toMatchObject({ code: "unauthorized" });
  expect(seen.length).toBe(2);
  await expect(client.get(ref)).rejects.toMatchObject({ code: "unauthorized" });
  expect(seen.length).toBe(3);
  await client.get(ref);
  await client.get(ref);
  expect(seen.length).toBe(6);
});

test("a secret that changes while many reads are on their way ends none of them", async () => {
  let key = "old-key";
  let isAllThere = () => {};
  const allThere = new Promise<void>((resolve) => (isAllThere = resolve));
  let asked = 0;
  const vendor: Step = async (seen) => {
    if (seen.headers.get("x-key") !== "old-key") return done(seen);
    if (++asked === 5) isAllThere();
    await allThere;
    key = "new-key";
    return refused(seen);
  };
  const { client } = signed([vendor], () => ({ "x-key": key }));
  const reads = await Promise.all(Array.from({ length: 5 }, () => client.get(ref)));
  expect(reads.map(({ state }) => state)).toEqual(Array(5).fill("succeeded"));
});

test("a key that never changes is not asked with again", async () => {
  const { client, seen } = acmeClient([refused, done]);
  await expect(client.get(ref)).rejects.toMatchObject({ code: "unauthorized" });
  expect(seen.length).toBe(1);
});

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhayIsImV4cCI6MX0.c2lnbmF0dXJlLW9mLWl0";

test.each<[what: string, echo: string]>([
  ["a secret", "secret-key-1"],
  ["a secret of a function", "from-the-vault-1"],
  ["two secrets as they are joined in a header", "from-the-vault-1:secret-key-1"],
  ["them in base64", btoa("from-the-vault-1:secret-key-1")],
  ["a value that auth derives", "0123456789abcdef-derived"],
  ["a token of another day", JWT],
])("%s that a vendor echoes is in no error and no event", async (_, echo) => {
  const said = `you sent ${echo}!`;
  const { client, events } = signed(
    [answer(400, { error: { code: "bad_request", message: said } })],
    (secrets) => ({ ...joined(secrets, 0), "x-derived": "Hmac 0123456789abcdef-derived" }),
    { accessKey: () => "from-the-vault-1" },
  );
  for (const error of [await errorOf(client.get(ref)), await errorOf(client.submit(request))])
    expect(String(error) + JSON.stringify(error)).not.toContain(echo);
  expect(JSON.stringify(events)).not.toContain(echo);
  assertNoSecret(events);
});

test("credentials of the last calls are still hidden when a late answer echoes them", async () => {
  let count = 0;
  const old: Step = () =>
    Response.json({ error: { code: "bad_request", message: "token-number-2 is old" } }, { status: 400 });
  const { client } = signed([running, running, running, running, old], () => ({ "x-key": `token-number-${++count}` }));
  for (let calls = 0; calls < 4; calls++) await client.get(ref);
  expect(String(await errorOf(client.get(ref)))).not.toContain("token-number-2");
});

test("a client with secrets of functions shows none when it is printed", async () => {
  const { inspect } = await import("node:util");
  const { client } = signed([running], joined, { accessKey: () => "from-the-vault-1" });
  await client.get(ref);
  expect(inspect(client, { depth: null, showHidden: true })).not.toMatch(/from-the-vault|secret-key-1/);
});

test("an environment variable gives a secret that the options do not", async () => {
  vi.stubEnv("ACME_SECRET_KEY", "of-the-environment");
  const { client, seen } = signed([running], joined, { secretKey: undefined });
  await client.get(ref);
  vi.unstubAllEnvs();
  expect(seen[0]?.headers.get("x-key")).toBe("Key access-key-1:of-the-environment");
});
