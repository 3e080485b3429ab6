// Lost submits that are sent again inside a documented idempotency window: when, as what, and that nothing but an id settles them.
import { describe, expect, test } from "vitest";
import { settingsOf } from "../client/members.ts";
import { settleSubmit } from "../client/settle.ts";
import { contextOf } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import type { Journal } from "../journal/journal.ts";
import { callback, durableJournal } from "../test/acme-callbacks.ts";
import { acme, acmeClient, request } from "../test/acme.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { answer, refusedConnection, reset, type Seen, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const DAY = 86_400_000;
const windowed: Partial<Adapter> = {
  idempotencyWindowMs: DAY,
  submit: {
    ...acme.submit,
    call: ({ prompt }, { token, callbackUrl }) => ({
      path: "/tasks",
      headers: { "idempotency-key": token },
      json: { prompt: prompt as string, webhook: callbackUrl },
    }),
  },
};

/** The request is lost before the vendor reads it, and nothing proves that. */
const before: Step = (seen) => reset(seen);
const refusals: [what: string, step: Step][] = [
  ["401", answer(401, { error: { code: "bad_key", message: "no" } })],
  ["402", answer(402, { error: { code: "no_money", message: "no" } })],
  ["409", answer(409, { error: { code: "bad_request", message: "in use" } })],
  ["422", answer(422, { error: { code: "bad_request", message: "another body" } })],
  ["429", answer(429, { error: { code: "slow_down", message: "wait" } })],
  ["403 and HTML", answer(403, "<p>")],
  ["a refusal under 200", answer(200, { error: { code: "no_money", message: "no" } })],
  ["404", answer(404)],
  ["a proof that it never left", refusedConnection],
];
/** What a front or the network does before the vendor sees a request. */
const isUnread = new Set<Step>([before, ...refusals.map(([, step]) => step)]);

/** A vendor that takes a token once, and gives `faults` in the place of its answers, as long as there are some. */
function idempotent(faults: (Step | undefined)[] = []) {
  const tasks = new Map<string, string>();
  const posts: Seen[] = [];
  const vendor: Step = (seen) => {
    if (seen.method !== "POST") return Response.json({ status: "running" });
    posts.push(seen);
    const token = seen.headers.get("idempotency-key") ?? "";
    const fault = faults.shift();
    if (fault === undefined || !isUnread.has(fault)) tasks.set(token, tasks.get(token) ?? `t${tasks.size + 1}`);
    return fault ? fault(seen) : Response.json({ id: tasks.get(token) });
  };
  return { tasks, posts, vendor, faults };
}

type Setting = {
  options?: ClientOptions;
  change?: Partial<Adapter>;
  faults?: (Step | undefined)[];
  world?: ReturnType<typeof idempotent>;
};
function setUp({ options = {}, change = {}, faults = [], world = idempotent(faults) }: Setting = {}) {
  const journal = options.journal ?? durableJournal();
  const all = acmeClient([world.vendor], { journal, ...options }, { ...windowed, ...change });
  const pay = (key = "k") => all.client.submit(request, { idempotencyKey: key });
  return { ...all, ...world, world, journal, pay, sent: () => world.posts.length };
}
type Signal = { given: Promise<void>; give: () => void };
function signal(): Signal {
  let give = () => {};
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}
const withClock = (clock: { now(): number }): Journal => ({ ...durableJournal(), now: async () => clock.now() });

test("a lost answer is asked for by the same request: same bytes, same URL, same token, one task", async () => {
  const { pay, posts, tasks, journal } = setUp({ faults: [reset], options: { callback } });
  expect(await pay()).toMatchObject({ id: "t1" });
  const [first, second] = posts;
  expect([second?.url, second?.body]).toEqual([first?.url, first?.body]);
  expect(Object.fromEntries(second?.headers ?? [])).toEqual(Object.fromEntries(first?.headers ?? []));
  expect([posts.length, tasks.size]).toEqual([2, 1]);
  expect(await journal.get("k")).toMatchObject({ state: "accepted", attempt: 1, ref: { id: "t1" } });
});

test("a request that never arrived makes its task at the second sending", async () => {
  const { pay, tasks } = setUp({ faults: [before] });
  expect(await pay()).toMatchObject({ id: "t1" });
  expect(tasks.size).toBe(1);
});

test("it is sent again at most three times, and the row stays unknown meanwhile", async () => {
  const states: unknown[] = [];
  const inner = durableJournal();
  const journal: Journal = {
    ...inner,
    update: (key, version, patch) => (states.push(patch.state), inner.update(key, version, patch)),
  };
  const { pay, sent } = setUp({ faults: Array<Step>(9).fill(reset), options: { journal } });
  expect(await errorOf(pay())).toMatchObject({ code: "submit_unknown" });
  expect(sent()).toBe(4);
  expect(states).toEqual(["unknown", undefined, undefined, undefined]);
});

test("a vendor that documents no window gets it once", async () => {
  const { pay, sent } = setUp({ faults: [reset], change: { idempotencyWindowMs: undefined as never } });
  await errorOf(pay());
  expect(sent()).toBe(1);
});

test.each(refusals)(
  "a second sending that is answered with %s says nothing about the first: the key stays closed",
  async (_, step) => {
    const { pay, sent, journal } = setUp({ faults: [reset, step, step, step] });
    expect(await errorOf(pay())).toMatchObject({ code: "submit_unknown", billed: "unknown" });
    expect(await journal.get("k")).toMatchObject({ state: "unknown", attempt: 1 });
    const before = sent();
    expect(await errorOf(pay())).toMatchObject({ code: "submit_unknown" });
    expect(sent()).toBe(before);
  },
);

test.each(refusals)("after %s the next sending may still bring the id", async (_, step) => {
  const { pay, tasks } = setUp({ faults: [reset, step] });
  expect(await pay()).toMatchObject({ id: "t1" });
  expect(tasks.size).toBe(1);
});

test.each<[windowMs: number, sendings: number]>([
  [60_000, 1],
  [61_000, 1],
  [61_500, 2],
  [65_000, 3],
  [80_000, 4],
])(
  "in a window of %i ms, whose last minute does not count, it is sent %i times",
  async (idempotencyWindowMs, sendings) => {
    const { pay, sent } = setUp({ faults: Array<Step>(9).fill(reset), change: { idempotencyWindowMs } });
    await errorOf(pay());
    expect(sent()).toBe(sendings);
  },
);

test("time that passes in sleep counts: the wall's clock ends the window, too", async () => {
  const clock = jumpClock();
  let skew = 0;
  const slept = {
    ...clock,
    now: () => clock.now() + skew,
    elapsed: () => clock.elapsed(),
    sleep: clock.sleep.bind(clock),
  };
  const { pay, sent } = setUp({
    options: { clock: slept },
    faults: [(seen) => ((skew = DAY), reset(seen)), reset, reset],
  });
  await errorOf(pay());
  expect(sent()).toBe(1);
});

test("other secrets make another request: it is not sent again", async () => {
  let count = 0;
  const { pay, sent } = setUp({ faults: [reset], options: { apiKey: () => `key-number-${Math.ceil(++count / 2)}` } });
  await errorOf(pay());
  expect(sent()).toBe(1);
});

test("credentials are made anew for it, from the same secrets", async () => {
  let count = 0;
  const auth = ({ apiKey }: { apiKey?: string }) => ({ "x-key": `${apiKey}-${++count}` });
  const { pay, posts } = setUp({ faults: [reset], change: { auth } });
  await pay();
  expect(new Set(posts.map(({ headers }) => headers.get("x-key"))).size).toBe(2);
});

test("a row that a callback settles meanwhile is not sent again", async () => {
  const journal = durableJournal();
  const { pay, sent } = setUp({
    faults: [reset],
    options: {
      journal: {
        ...journal,
        update: async (key, version, patch) => {
          if (patch.resentAt) await settleSubmit(journal, "k", { vendor: "acme", model: "acme-1", id: "t9" });
          return journal.update(key, version, patch);
        },
      },
    },
  });
  expect(await pay()).toMatchObject({ id: "t9" });
  expect(sent()).toBe(1);
});

describe("a later call, in any process", () => {
  /** After a first run that lost all of its answers. */
  async function lost(setting: Setting = {}) {
    const clock = jumpClock();
    const journal = withClock(clock);
    const first = setUp({
      faults: Array<Step>(4).fill(reset),
      ...setting,
      options: { journal, clock, callback, ...setting.options },
    });
    await errorOf(first.pay());
    const later = (more: Setting = {}) =>
      setUp({ world: first.world, ...more, options: { journal: first.journal, clock, callback, ...more.options } });
    return { first, later, clock };
  }

  test("sends it again by the store's clock, when all of it is the same", async () => {
    const { later, clock, first } = await lost();
    await clock.sleep(3_600_000);
    expect(await later().pay()).toMatchObject({ id: "t1" });
    expect([first.sent(), first.tasks.size]).toEqual([5, 1]);
    expect(new Set(first.posts.map(({ body }) => body)).size).toBe(1);
  });

  test.each<[what: string, more: Setting, wait: number]>([
    ["other secrets", { options: { apiKey: "another-key-0123456789" } }, 0],
    [
      "another callback secret",
      { options: { callback: { ...callback, secret: "another secret of 32 bytes or more" } } },
      0,
    ],
    ["another base URL", { options: { baseUrl: "https://other.test", account: "acme https://api.acme.test" } }, 0],
    [
      "another version of the description",
      { change: { submit: { ...acme.submit, call: (_, { token }) => ({ path: "/tasks", json: { token } }) } } },
      0,
    ],
    ["a window that has passed", {}, DAY],
    ["its last minute", {}, DAY - 60_000],
  ])("sends nothing with %s", async (_, more, wait) => {
    const { later, clock, first } = await lost();
    await clock.sleep(wait);
    expect(await errorOf(later(more).pay())).toMatchObject({ code: "submit_unknown" });
    expect(first.sent()).toBe(4);
  });

  test("two that send it again at once get one task, and nobody is woken", async () => {
    const { later, first } = await lost();
    const [sentA, sentB, answerA, answerB] = [signal(), signal(), signal(), signal()];
    const held =
      (sent: Signal, mayAnswer: Signal): Step =>
      async () => {
        sent.give();
        await mayAnswer.given;
        return Response.json({ id: "t1" });
      };
    first.faults.push(held(sentA, answerA), held(sentB, answerB));
    const [a, b] = [later(), later()];
    const paying = [a.pay()];
    await sentA.given;
    paying.push(b.pay());
    await sentB.given;
    answerA.give();
    await paying[0];
    answerB.give();
    for (const task of await Promise.all(paying)) expect(task.id).toBe("t1");
    expect(first.tasks.size).toBe(1);
    const alarms = [...a.events, ...b.events].filter(({ type }) => type === "alarm");
    expect(alarms).toEqual([]);
  });

  test("sends nothing where the store has no clock", async () => {
    const { later, first } = await lost({ options: { journal: durableJournal() } });
    expect(await errorOf(later().pay())).toMatchObject({ code: "submit_unknown" });
    expect(first.sent()).toBe(4);
  });

  test("sends nothing where the first did not note the store's clock", async () => {
    const { later, first } = await lost();
    const row = await first.journal.get("k");
    await first.journal.update("k", row?.version ?? 0, { windowFrom: undefined as never });
    await errorOf(later().pay());
    expect(first.sent()).toBe(4);
  });
});

test("a lost submit that was sent again is lost by the time of the last sending", async () => {
  const { pay, journal, client } = setUp({ faults: Array<Step>(4).fill(reset) });
  await errorOf(pay());
  const row = await journal.get("k");
  expect(Date.parse(row?.resentAt ?? "") - Date.parse(row?.sentAt ?? "")).toBe(15_000);
  const { clock } = contextOf(settingsOf(client));
  await clock.sleep(3_600_000 + 20 * 60_000 - 10_000);
  await expect(settleSubmit(journal, "k", "lost", { client })).rejects.toThrow("until then it may turn up");
});

test("a window whose submit sends no token fails the plan, and one that is no time fails the definition", () => {
  const { client } = acmeClient([], {}, { idempotencyWindowMs: DAY });
  expect(() => client.plan(request)).toThrow("`idempotencyWindowMs` must be left out: `submit.call` sends no `token`");
  for (const wrong of [0, -1, Number.NaN, Infinity])
    expect(() => acmeClient([], {}, { idempotencyWindowMs: wrong })).toThrow(
      "`idempotencyWindowMs` must be a number, 1 or more",
    );
});

test("200 submits over a front that loses, refuses and limits: at most one task a key, and no key is freed that has one", async () => {
  let seed = 7;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff;
  const steps = [undefined, reset, before, ...refusals.map(([, step]) => step)];
  const counts = { accepted: 0, unknown: 0 };
  for (let key = 0; key < 200; key++) {
    const faults = Array.from(
      { length: 1 + Math.floor(random() * 5) },
      () => steps[Math.floor(random() * steps.length)],
    );
    const { pay, tasks, journal, client } = setUp({ faults });
    await pay().catch(() => {});
    const state = (await journal.get("k"))?.state;
    expect(tasks.size).toBeLessThanOrEqual(1);
    // Free is only a key that the front kept from the vendor.
    if (state === "refused") expect(tasks.size).toBe(0);
    else counts[state === "accepted" ? "accepted" : "unknown"]++;
    await client.drain();
  }
  expect(counts.accepted).toBeGreaterThan(50);
  expect(counts.unknown).toBeGreaterThan(0);
}, 30_000);
