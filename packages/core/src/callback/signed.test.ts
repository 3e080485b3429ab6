// Callbacks that the account has signed: what they save, what they do not, and what becomes of all others.
import { describe, expect, test } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import { acmeAnswers, acmeReceiver, callback as signedFor, callbackTo, DONE, RUNNING } from "../test/acme-callbacks.ts";
import { acme } from "../test/acme.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { hmacSha256 } from "../vendor-spec/wire.ts";

const ACCOUNT = "the signing secret of the account";
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sign = async (body: string, at: number, secret = ACCOUNT) =>
  `${at},${hex(await hmacSha256(secret, `${at}.${body}`))}`;

type Callbacks = NonNullable<Adapter["callback"]>;
const callback: Callbacks = {
  read: (body) => ({ id: (body as { id: string }).id }),
  challenge: (body) =>
    "challenge" in (body as object) ? { answer: String((body as { challenge: unknown }).challenge) } : undefined,
  async verify({ body, headers }, { signingSecret }, now) {
    if (signingSecret === undefined) return undefined;
    const [at = "", mac] = (headers.get("x-signature") ?? "").split(",");
    return Math.abs(now - Number(at)) < 300_000 && mac === hex(await hmacSha256(signingSecret, `${at}.${body}`));
  },
  status: (body, ref) => acme.status.read(body, ref, 200) as never,
};
const secrets = { apiKey: "ACME_API_KEY", signingSecret: "ACME_SIGNING_SECRET" };

function setUp({
  change = {},
  options = {},
  ids = ["t1"] as (string | undefined)[],
  tasks = { t1: RUNNING as object },
} = {}) {
  const clock = jumpClock();
  const given = { clock, signingSecret: ACCOUNT, ...options } as ClientOptions;
  const all = acmeReceiver(acmeAnswers(ids, tasks), given, { secrets, callback, ...change } as Partial<Adapter>);
  const call = async (
    body: object,
    { secret = ACCOUNT, at = clock.now(), url = all.urls()[0], tampered = "" } = {},
  ) => {
    const text = JSON.stringify(body);
    const headers = { "x-signature": await sign(text, at, secret) };
    return all.receiver.fetch(callbackTo(url, "t1", { body: text + tampered, headers }));
  };
  return { ...all, clock, call };
}
const ended = { id: "t1", ...DONE };

test("an end that the account signed, of the task that the key has, is taken without asking", async () => {
  const { pay, call, gets, handled, journal } = setUp();
  await pay();
  expect((await call(ended)).status).toBe(200);
  expect([gets(), handled.length]).toEqual([0, 1]);
  expect(handled[0]?.task).toMatchObject({ state: "succeeded", videos: [{ url: DONE.url }] });
  expect(await journal.get("k")).toMatchObject({ state: "succeeded" });
});

describe("the vendor is asked all the same", () => {
  test("where the key has no task yet: a signature does not say whose the task is", async () => {
    const { pay, call, gets, handled } = setUp({ ids: [undefined], tasks: { t1: DONE } });
    await pay();
    expect((await call(ended)).status).toBe(200);
    expect([gets() > 0, handled.length]).toEqual([true, 1]);
  });

  test("where the body says no end", async () => {
    const { pay, call, gets } = setUp();
    await pay();
    await call({ id: "t1", ...RUNNING });
    expect(gets()).toBe(1);
  });

  test("where the body says it in no documented way", async () => {
    const { pay, call, gets } = setUp();
    await pay();
    await call({ id: "t1", status: "exploded" });
    expect(gets()).toBe(1);
  });

  test("where the secret for signatures is not given", async () => {
    const { pay, call, gets, handled } = setUp({
      options: { signingSecret: "" } as ClientOptions,
      tasks: { t1: DONE },
    });
    await pay();
    expect((await call(ended, { secret: "anything" })).status).toBe(200);
    expect([gets(), handled.length]).toEqual([1, 1]);
  });

  test("where the vendor's signatures leave the body out", async () => {
    const { read, status = () => ({ state: "pending" }) } = callback;
    const { pay, call, gets } = setUp({ change: { callback: { read, status } }, tasks: { t1: DONE } });
    await pay();
    await call(ended);
    expect(gets()).toBe(1);
  });
});

describe("401, and nothing is done", () => {
  test.each<[what: string, how: { secret?: string; tampered?: string; later?: number }]>([
    ["for a body that was changed", { tampered: " " }],
    ["for the signature of another account", { secret: "the signing secret of another account" }],
    ["for one that is replayed later", { later: 600_000 }],
  ])("%s", async (_, { later = 0, ...how }) => {
    const { pay, call, gets, handled, clock, events } = setUp();
    await pay();
    events.length = 0;
    const at = clock.now();
    if (later) await clock.sleep(later);
    expect((await call(ended, { ...how, at })).status).toBe(401);
    expect([gets(), handled.length]).toEqual([0, 0]);
    const error = { message: expect.stringMatching(/not signed by the account.* ACME_SIGNING_SECRET/) as string };
    expect(events).toEqual([{ type: "fault", phase: "callback", idempotencyKey: "k", error }]);
  });

  test("when verify throws, which is told without the secret", async () => {
    const verify = () => Promise.reject(new Error(`no key: ${ACCOUNT}`));
    const { pay, call, gets, events } = setUp({ change: { callback: { ...callback, verify } } });
    await pay();
    expect((await call(ended)).status).toBe(401);
    expect(gets()).toBe(0);
    expect(JSON.stringify(events)).toContain("not lately (no key: ***)");
    expect(JSON.stringify(events)).not.toContain(ACCOUNT);
  });
});

test("the URL's ticket comes first: without it a signed callback is not found", async () => {
  const { pay, call } = setUp();
  await pay();
  expect((await call(ended, { url: `${signedFor.url}/vtc1x` })).status).toBe(404);
});

test("a test of the URL hears what it wants, and nothing else is done", async () => {
  const { pay, call, gets, handled } = setUp();
  await pay();
  const response = await call({ challenge: "c-1" }, { secret: "unsigned" });
  expect([response.status, await response.json()]).toEqual([200, { answer: "c-1" }]);
  expect([gets(), handled.length]).toEqual([0, 0]);
});

test("a challenge that throws is none", async () => {
  const challenge = () => {
    throw new Error("odd");
  };
  const { pay, call } = setUp({ change: { callback: { ...callback, challenge } } });
  await pay();
  expect((await call(ended)).status).toBe(200);
});
