// The URL a submit sends, and what its options may be.
import { expect, test } from "vitest";
import { settingsOf } from "../client/members.ts";
import { contextOf } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acmeClient, createAcme, request, running } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, reset, type Seen, type Step } from "../testing/stub-fetch.ts";
import { errorOf, KEY } from "../testing/vendor-suite.ts";
import { ticketOf } from "./url.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const callback = { url: "https://app.test/cb", secret: SECRET };
const durable = () => ({ ...memoryJournal(), durable: true as const });
const sentTo = (seen: Seen | undefined) => (JSON.parse(seen?.body ?? "{}") as { webhook?: string }).webhook ?? "";

test("each POST sends the configured URL with one more segment, which says which submit it was", async () => {
  const { client, seen } = acmeClient([answer(429), accepted, accepted], { callback });
  await client.submit(request, { idempotencyKey: "a/ü" });
  await client.submit({ ...request, model: "acme-2" }, { idempotencyKey: "b" });
  const urls = seen.map(sentTo);
  for (const url of urls) expect(url).toMatch(/^https:\/\/app\.test\/cb\/vtc1[\w-]+$/);
  const tickets = await Promise.all(urls.map((url) => ticketOf(contextOf(settingsOf(client)), url)));
  expect(tickets).toMatchObject([
    { vendor: "acme", model: "acme-1", key: "a/ü", attempt: 1 },
    { vendor: "acme", model: "acme-1", key: "a/ü", attempt: 2 },
    { vendor: "acme", model: "acme-2", key: "b", attempt: 1 },
  ]);
});

test.each([
  ["https://app.test", /^https:\/\/app\.test\/vtc1[\w-]+$/],
  ["https://app.test/", /^https:\/\/app\.test\/vtc1[\w-]+$/],
  ["https://app.test/cb/", /^https:\/\/app\.test\/cb\/vtc1[\w-]+$/],
  ["https://app.test/cb?tenant=a%20b", /^https:\/\/app\.test\/cb\/vtc1[\w-]+\?tenant=a%20b$/],
])("the token goes on the path of %s, and a query stays", async (url, like) => {
  const { client, seen } = acmeClient([accepted], { callback: { url, secret: SECRET } });
  await client.submit(request);
  expect(sentTo(seen[0])).toMatch(like);
});

test("one submit can do without, or name an endpoint of its own", async () => {
  const { client, seen } = acmeClient([accepted], { callback });
  await client.submit(request, { callback: false });
  await client.submit(request, { callbackUrl: "https://mine.test/hook?x=1" });
  await client.submit(request, { callback: false, callbackUrl: "https://mine.test/hook" });
  expect(seen.map(sentTo)).toEqual(["", "https://mine.test/hook?x=1", "https://mine.test/hook"]);
});

test("a plan shows where the signed segment goes, and needs no key for it", () => {
  const { client } = acmeClient([], { callback, apiKey: undefined });
  expect(client.plan(request).body["webhook"]).toBe("https://app.test/cb/signed-by-submit");
  expect(() => client.plan({ ...request, extraBody: { webhook: "https://mine.test" } })).toThrow(/extraBody.webhook/);
});

const wrong: [ClientOptions["callback"], string][] = [
  [{ url: "http://app.test/cb", secret: SECRET }, "callback.url"],
  [{ url: "app.test", secret: SECRET }, "callback.url"],
  [{ url: undefined as unknown as string, secret: SECRET }, "callback.url"],
  [{ url: "http://localhost/cb", secret: SECRET }, "callback.url"],
  [{ ...callback, secret: SECRET.slice(1) }, "callback.secret"],
  [{ ...callback, secret: undefined as unknown as string }, "callback.secret"],
  [{ ...callback, secret: null as unknown as string }, "callback.secret"],
  [{ ...callback, secret: [] }, "callback.secret"],
  [{ ...callback, secret: [SECRET, "short"] }, "callback.secret"],
  [{ ...callback, secret: [SECRET, "x".repeat(40)] }, "callback.secret"],
  [{ ...callback, secret: "🔑".repeat(32) }, "callback.secret"],
  [{ ...callback, secret: 12 as unknown as string }, "callback.secret"],
  [{ ...callback, secrets: SECRET } as never, "callback.secrets"],
];
test.each(wrong)("a callback of %j is refused where the client is made, and its secret is not shown", (given, path) => {
  const error = thrownBy(() => acmeClient([], { callback: given }));
  expect(error).toMatchObject({ code: "invalid_request", phase: "plan", billed: "no", issues: [{ path }] });
  expect(JSON.stringify(error)).not.toContain(SECRET.slice(1));
});

test("a URL on loopback is taken when the base URL is there too; a secret counts in bytes", async () => {
  const secret = "€¥".repeat(7); // 35 bytes
  const on = acmeClient([accepted], {
    callback: { url: "http://127.0.0.1/cb", secret },
    baseUrl: "http://localhost:8080",
  });
  await on.client.submit(request);
  expect(sentTo(on.seen[0])).toMatch(/^http:\/\/127\.0\.0\.1\/cb\/vtc1/);
});

test("a vendor whose package reads no callbacks refuses the option", () => {
  const making = () => acmeClient([], { callback }, { callback: undefined as never });
  expect(making).toThrow(/callback: must be left out/);
});

test("a ticket is of its vendor, and lives for 48 hours of the client's clock", async () => {
  const clock = jumpClock();
  const { client, seen } = acmeClient([accepted], { callback, clock });
  await client.submit(request);
  const url = sentTo(seen[0]);
  const other = acmeClient([], { callback, clock }, { vendor: "other" });
  expect(await ticketOf(contextOf(settingsOf(other.client)), url)).toBeUndefined();
  expect(await ticketOf(contextOf(settingsOf(createAcme({ clock }))), url)).toBeUndefined();
  await clock.sleep(48 * 3_600_000 - 2_000);
  expect(await ticketOf(contextOf(settingsOf(client)), url)).toBeDefined();
  await clock.sleep(3_000);
  expect(await ticketOf(contextOf(settingsOf(client)), url)).toBeUndefined();
});

test("the token and the secret are in no row, event or error, even when the vendor echoes them", async () => {
  const journal = durable();
  const shown: unknown[] = [];
  let sent = "";
  const echo: (status: number) => Step = (status) => (seen) => {
    sent = sentTo(seen);
    const text = `no: ${sent} ${encodeURIComponent(sent)} ${JSON.stringify(sent)} ${SECRET}`;
    return Response.json({ error: { code: text, message: text }, code: text }, { status });
  };
  for (const [index, step] of [echo(400), echo(500), echo(200), reset].entries()) {
    const { client, events } = acmeClient([step], { callback, journal });
    const error = (await errorOf(client.submit(request, { idempotencyKey: `k${index}` }))) as Error;
    shown.push(error, `${error.message} ${error.stack} ${String((error.cause as Error | undefined)?.message)}`, events);
    shown.push(await journal.get(`k${index}`));
  }
  expect(sent).toContain("vtc1");
  const text = JSON.stringify(shown);
  for (const secret of [sent, sent.split("/").at(-1) ?? "", "vtc1", SECRET, KEY]) expect(text).not.toContain(secret);
});

test("the caller's own callback URL is shown in no error either", async () => {
  const callbackUrl = "https://mine.test/hook/s3cr3t";
  const echo: Step = ({ body }) => answer(400, `<p>${body}</p>`)({} as Seen) as Response;
  const { client, events } = acmeClient([echo], {});
  const error = await errorOf(client.submit(request, { callbackUrl }));
  expect(JSON.stringify([error, events])).not.toContain("s3cr3t");
});

test("an unknown submit may be repeated only with a key, a durable journal and a callback", async () => {
  const tries = async (options: ClientOptions, given: object) => {
    const { client } = acmeClient([reset], options);
    return (await errorOf(client.submit(request, given))) as { retryable: boolean; code: string; message: string };
  };
  const all = { journal: durable(), callback };
  const error = await tries(all, { idempotencyKey: "k" });
  expect(error).toMatchObject({ code: "submit_unknown", retryable: true });
  expect(error.message).toContain("callback");
  expect(await tries(all, { idempotencyKey: "k" })).toMatchObject({ code: "submit_unknown", retryable: true });
  expect(await tries(all, {})).toMatchObject({ retryable: false });
  expect(await tries({ callback }, { idempotencyKey: "k" })).toMatchObject({ retryable: false });
  expect(await tries({ journal: durable() }, { idempotencyKey: "k" })).toMatchObject({ retryable: false });
  expect(await tries(all, { idempotencyKey: "k2", callback: false })).toMatchObject({ retryable: false });
  expect(await tries(all, { idempotencyKey: "k3", callbackUrl: "https://mine.test" })).toMatchObject({
    retryable: false,
  });
});

test("when no callback can come any more, repeating an unknown submit is no use", async () => {
  const clock = jumpClock();
  const { client } = acmeClient(
    [reset, running],
    { journal: durable(), callback, clock },
    { callbackWindowMs: 600_000 },
  );
  await errorOf(client.submit(request, { idempotencyKey: "k" }));
  await clock.sleep(1_200_000 + 601_000);
  expect(await errorOf(client.submit(request, { idempotencyKey: "k" }))).toMatchObject({ retryable: false });
});
