// Tasks of lost answers that the vendor's list still has: which are trusted, when they are looked for, and what becomes of them.
import { describe, expect, test } from "vitest";
import { settingsOf } from "../client/members.ts";
import { settleSubmit } from "../client/settle.ts";
import { contextOf } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import type { Journal } from "../journal/journal.ts";
import { callback, durableJournal } from "../test/acme-callbacks.ts";
import { acme, acmeClient, request } from "../test/acme.ts";
import { reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { Found } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

type Listed = { id: string; token?: string; webhook?: string };

const listing: Partial<Adapter> = {
  submit: {
    ...acme.submit,
    call: (_, { token, callbackUrl }) => ({ path: "/tasks", json: { token, webhook: callbackUrl } }),
  },
  find: {
    call: ({ token }) => ({ path: `/list/${token}` }),
    read: (body): Found[] => (body as Listed[]).map(({ id, token, webhook }) => ({ id, token, callbackUrl: webhook })),
  },
};

/** A vendor that takes every POST and loses every answer. `list` is what it lists, `posted` what the POSTs said. */
function losing(
  list: (posted: Listed[], looks: number) => unknown,
  {
    options = {},
    change = {},
    said: status = { status: "running" },
  }: { options?: ClientOptions; change?: Partial<Adapter>; said?: object } = {},
) {
  const posted: Listed[] = [];
  const looks: number[] = [];
  const vendor: Step = (seen) => {
    if (seen.method === "POST") {
      posted.push({ id: `t${posted.length + 1}`, ...(JSON.parse(seen.body) as object) });
      return reset(seen);
    }
    if (seen.url.includes("/list/")) {
      looks.push(clock.elapsed());
      const said = list(posted, looks.length);
      return said instanceof Response ? said : Response.json(said);
    }
    const id = seen.url.split("/").at(-1) ?? "";
    return /^t\d+$/.test(id) ? Response.json(status) : Response.json({ error: { code: "gone" } }, { status: 404 });
  };
  const journal: Journal = options.journal ?? durableJournal();
  const all = acmeClient([vendor], { journal, ...options }, { ...listing, ...change });
  const { clock } = contextOf(settingsOf(all.client));
  const pay = (key = "k") => all.client.submit(request, { idempotencyKey: key });
  const alarms = () => all.events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : []));
  return { ...all, journal, pay, posted, looks, alarms };
}

test("a task whose echo is the row's token is bound: the submit returns it, and paid once", async () => {
  const { pay, journal, posts } = losing((posted) => posted);
  expect(await pay()).toMatchObject({ id: "t1", state: "processing" });
  expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  expect(posts()).toBe(1);
});

test("the token is in the journal before the POST leaves, 32 hex digits, and says nothing of the key", async () => {
  let atPost: unknown;
  const journal = durableJournal();
  const { pay, posted } = losing((all) => all, {
    change: { submit: { ...acme.submit, call: (_, { token }) => ({ path: "/tasks", json: { token } }) } },
  });
  const watched = losing((all) => all, {
    options: {
      journal: {
        ...journal,
        begin: async (entry) => {
          if (entry.state === "sending") atPost = entry.token;
          return journal.begin(entry);
        },
      },
    },
  });
  await watched.pay("other");
  await pay();
  expect(atPost).toMatch(/^[0-9a-f]{32}$/);
  expect(watched.posted[0]?.token).toBe(atPost);
  expect(posted[0]?.token).not.toBe(atPost);
});

test.each<[what: string, said: object]>([
  ["of another model", { status: "running", model: "acme-2" }],
  ["begun hours before the submit", { status: "running", createdAt: "2020-01-01T00:00:00.000Z" }],
])("a task whose echo is the row's token, but that by its status was %s, is not bound", async (_, said) => {
  const { pay, journal } = losing((posted) => posted, { said });
  expect(await errorOf(pay())).toMatchObject({ code: "submit_unknown" });
  expect((await journal.get("k"))?.ref).toBeUndefined();
});

test("it is looked for after 1, 4 and 15 s, and then the outcome is unknown", async () => {
  const { pay, looks, journal } = losing(() => []);
  expect(await errorOf(pay())).toMatchObject({ code: "submit_unknown" });
  const [first = 0] = looks;
  expect(looks.map((at) => at - first)).toEqual([0, 3_000, 14_000]);
  expect((await journal.get("k"))?.state).toBe("unknown");
});

test.each([2, 3])("a list that lags has it at look %i", async (late) => {
  const { pay, looks } = losing((posted, look) => (look < late ? [] : posted));
  expect(await pay()).toMatchObject({ id: "t1" });
  expect(looks.length).toBe(late);
});

test("what a list does not have proves nothing: the key stays closed and nothing is sent again", async () => {
  const { pay, posts } = losing(() =>
    Response.json({ error: { code: "gone", message: "no such task" } }, { status: 404 }),
  );
  await errorOf(pay());
  expect(await errorOf(pay())).toMatchObject({ code: "submit_unknown" });
  expect(posts()).toBe(1);
});

test.each([
  ["too long to be read whole", (list: string) => list.replace(/]$/, `,{"id":"t9","input":"${"x".repeat(2 ** 20)}"}]`)],
  ["cut off", (list: string) => list.replace(/]$/, ',{"id":"t9","tok')],
])("a list that is %s has what arrived of it", async (_, broken) => {
  const { pay } = losing((posted) => {
    const text = broken(JSON.stringify(posted));
    const chunks = [text.slice(0, 200), text.slice(200)];
    const pull = (stream: ReadableStreamDefaultController<Uint8Array>) => {
      const chunk = chunks.shift();
      if (chunk === undefined) stream.error(new TypeError("terminated"));
      else stream.enqueue(new TextEncoder().encode(chunk));
    };
    return new Response(new ReadableStream({ pull }));
  });
  expect(await pay()).toMatchObject({ id: "t1" });
});

test("a later call under the key looks again", async () => {
  const { pay, posts } = losing((posted, look) => (look < 4 ? [] : posted));
  await errorOf(pay());
  expect(await pay()).toMatchObject({ id: "t1" });
  expect(posts()).toBe(1);
});

test("resume looks in another process, and waits for what it finds", async () => {
  const { pay, journal, posted } = losing(() => []);
  await errorOf(pay());
  const elsewhere = losing(() => posted, { options: { journal } });
  for await (const resumed of elsewhere.client.resume({ waitTimeout: 0 }))
    expect(resumed).toMatchObject({ error: { code: "wait_timeout" } });
  expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  expect(elsewhere.posts()).toBe(0);
});

test("resume finds what a process that died while sending had sent", async () => {
  const { pay, journal, posted } = losing(() => []);
  await errorOf(pay());
  const row = await journal.get("k");
  const dead = { ...durableJournal(), now: async () => Date.UTC(2026, 0, 1) }; // else only the dead process could tell
  await dead.begin({ ...row!, key: "dead", state: "sending", sentAt: new Date(0).toISOString(), version: 1 });
  const elsewhere = losing(() => posted.map((one) => ({ ...one, id: "t9" })), { options: { journal: dead } });
  for await (const _ of elsewhere.client.resume({ waitTimeout: 0 })) break;
  expect(await dead.get("dead")).toMatchObject({ ref: { id: "t9" } });
});

const FOREIGN = "f".repeat(32);
describe("what is not ours is not bound", () => {
  test.each<[what: string, list: (posted: Listed[]) => unknown]>([
    ["another token", () => [{ id: "t7", token: FOREIGN }]],
    ["no token", () => [{ id: "t7" }]],
    ["an empty token", () => [{ id: "t7", token: "" }]],
    ["a forged callback URL", () => [{ id: "t7", webhook: `https://app.test/cb/vtc1${"A".repeat(60)}` }]],
    ["a text that is no URL", () => [{ id: "t7", webhook: "not a URL" }]],
    ["an id that can leave its path", (posted) => [{ ...posted[0], id: ".." }]],
    ["an id that the vendor does not know", (posted) => [{ ...posted[0], id: "x7" }]],
    ["a body that is no list", () => ({ results: 7 })],
  ])("%s", async (_, list) => {
    const { pay, journal } = losing(list, { options: { callback } });
    expect(await errorOf(pay())).toMatchObject({ code: "submit_unknown" });
    expect(await journal.get("k")).toMatchObject({ state: "unknown" });
    expect(await journal.get("k")).not.toHaveProperty("ref");
  });

  test("a callback URL of another key", async () => {
    const journal = durableJournal();
    const { pay, posted } = losing((all) => [{ id: "t7", webhook: all[0]?.webhook }], {
      options: { callback, journal },
      change: withoutToken,
    });
    expect(await pay("a")).toMatchObject({ id: "t7" });
    const other = losing(() => [{ id: "t8", webhook: posted[0]?.webhook }], {
      options: { callback, journal },
      change: withoutToken,
    });
    expect(await errorOf(other.pay("b"))).toMatchObject({ code: "submit_unknown" });
  });

  test("a task that another key has", async () => {
    const journal = durableJournal();
    await losing((posted) => posted, { options: { journal } }).pay("a");
    const { pay } = losing((posted) => posted, { options: { journal } });
    expect(await errorOf(pay("b"))).toMatchObject({ code: "submit_unknown" });
  });
});

const withoutToken: Partial<Adapter> = {
  submit: { ...acme.submit, call: (_, { callbackUrl }) => ({ path: "/tasks", json: { webhook: callbackUrl } }) },
};

test("a task with a callback URL that was signed for the key and its attempt is ours", async () => {
  const { pay } = losing((posted) => posted.map(({ id, webhook }) => ({ id, webhook })), {
    options: { callback },
    change: withoutToken,
  });
  expect(await pay()).toMatchObject({ id: "t1" });
});

test("of two tasks the first is bound, and an alarm names the other", async () => {
  const { pay, alarms } = losing(([one]) => [one, { ...one, id: "t2" }]);
  expect(await pay()).toMatchObject({ id: "t1" });
  expect(alarms()).toEqual(["double_charge"]);
});

test("the same task twice is one", async () => {
  const { pay, alarms } = losing(([one]) => [one, one]);
  await pay();
  expect(alarms()).toEqual([]);
});

test("two processes that look at once bind it once", async () => {
  const journal = durableJournal();
  const first = losing(() => [], { options: { journal } });
  await errorOf(first.pay());
  const again = [0, 1].map(() => losing(() => first.posted, { options: { journal } }));
  const tasks = await Promise.all(again.map(({ pay }) => pay()));
  expect(tasks.map(({ id }) => id)).toEqual(["t1", "t1"]);
  expect(again.flatMap(({ alarms }) => alarms())).toEqual([]);
});

test("an abort settles while it is looked for", async () => {
  const abort = new AbortController();
  const { client } = losing(() => (abort.abort(), []));
  const error = await errorOf(client.submit(request, { idempotencyKey: "k", signal: abort.signal }));
  expect(error).toMatchObject({ code: "aborted", billed: "unknown" });
});

test("a find whose submit sends nothing to be echoed fails the plan, with its name", () => {
  const { client } = acmeClient(
    [],
    {},
    { ...listing, submit: { ...acme.submit, call: () => ({ path: "/t", json: {} }) } },
  );
  expect(() => client.plan(request)).toThrow(
    "`find` must be left out: `submit.call` sends neither `token` nor `callbackUrl`",
  );
});

test("a plan shows a token of zeros, always the same", () => {
  const { client } = acmeClient([], {}, listing);
  expect(client.plan(request).body["token"]).toBe("0".repeat(32));
});

test("a vendor without find keeps no token in its rows", async () => {
  const { journal, pay } = losing(() => [], { change: { find: undefined as never } });
  await errorOf(pay());
  expect(await journal.get("k")).not.toHaveProperty("token");
});

describe("settleSubmit with a client", () => {
  const ref = (id: string) => ({ vendor: "acme", model: "acme-1", id });

  test("confirms the id that it is given", async () => {
    const { pay, journal, client } = losing(() => []);
    await errorOf(pay());
    await settleSubmit(journal, "k", ref("t1"), { client });
    expect(await journal.get("k")).toMatchObject({ state: "accepted", ref: { id: "t1" } });
  });

  test("refuses an id that the vendor does not have, and leaves the row as it was", async () => {
    const { pay, journal, client } = losing(() => []);
    await errorOf(pay());
    await expect(settleSubmit(journal, "k", ref("x9"), { client })).rejects.toMatchObject({
      issues: [{ path: "outcome" }],
    });
    expect((await journal.get("k"))?.state).toBe("unknown");
  });

  test("writes the vendor's own id for the name that the submit gave the task", async () => {
    const { pay, journal, client, posted } = losing((all, look) => (look < 4 ? [] : all));
    await errorOf(pay());
    await settleSubmit(journal, "k", ref(posted[0]?.token ?? ""), { client });
    expect((await journal.get("k"))?.ref?.id).toBe("t1");
  });

  test("refuses that name while the vendor's list does not have it", async () => {
    const { pay, journal, client, posted } = losing(() => []);
    await errorOf(pay());
    const settling = settleSubmit(journal, "k", ref(posted[0]?.token ?? ""), { client });
    await expect(settling).rejects.toMatchObject({ issues: [{ path: "outcome" }] });
    expect((await journal.get("k"))?.state).toBe("unknown");
  });
});
