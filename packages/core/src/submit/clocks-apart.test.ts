// Machines whose clocks are hours apart share a journal: none takes another's live submit for dead, and a dead one is found.
import { describe, expect, test } from "vitest";
import { settleSubmit } from "../client/settle.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { accepted, acmeClient, request, running } from "../test/acme.ts";
import { handClock, type HandClock } from "../test/hand-clock.ts";
import { until } from "../test/turns.ts";
import { answer, reset, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;
const key = { idempotencyKey: "k" };
const hang: Step = () => new Promise(() => {});

/** A store that several processes reach, each by a journal of its own; with the true time as its clock, or without one. */
function store(withClock: boolean) {
  const clock = handClock();
  const shared = memoryJournal();
  const journal = (): Journal => ({
    ...shared,
    durable: true,
    ...(withClock ? { now: async () => clock.now() } : {}),
  });
  /** A process whose wall clock is so many ms ahead of the true time. */
  const machine = (ahead: number, ...steps: Step[]) => {
    const own = journal();
    const skewed = { ...clock, now: () => clock.now() + ahead };
    return { ...acmeClient(steps, { journal: own, clock: skewed }), journal: own };
  };
  const row = async () => (await shared.get("k")) as JournalEntry;
  const move = async (patch: Partial<JournalEntry>) => shared.update("k", (await row()).version, patch);
  return { clock, machine, row, move, shared };
}

/** The row of a submit that a machine has begun, or is sending, and does nothing more about. */
async function stuck(here: ReturnType<typeof store>, state: "begun" | "sending", ahead = 0) {
  const a = here.machine(ahead, hang);
  void a.client.submit(request, key).catch(() => {});
  await until(async () => (await here.shared.get("k"))?.state === "sending");
  if (state === "begun") await here.move({ state });
  return a;
}

async function openOf(client: ReturnType<typeof acmeClient>["client"]) {
  for await (const item of client.resume()) return "open" in item ? item.open : item;
  return undefined;
}

const submitFor = (
  clock: HandClock,
  { client }: ReturnType<ReturnType<typeof store>["machine"]>,
  submitTimeout = SECOND,
) => clock.until(client.submit(request, { ...key, submitTimeout }).catch((error: unknown) => error));

describe("with a clock of the store's", () => {
  test.each([3 * HOUR, -3 * HOUR])("one that is %i ms ahead sees a live submit in flight", async (ahead) => {
    const here = store(true);
    await stuck(here, "sending");
    const b = here.machine(ahead, accepted);
    expect(await openOf(b.client)).toBe("in-flight");
    expect(await submitFor(here.clock, b)).toMatchObject({ code: "submit_unknown" });
    expect(b.posts()).toBe(0);
    expect((await here.row()).state).toBe("sending");
  });

  test.each([3 * HOUR, -3 * HOUR])("one that is %i ms ahead finds a dead submit when it is dead", async (ahead) => {
    const here = store(true);
    await stuck(here, "sending");
    const b = here.machine(ahead, accepted);
    await here.clock.advance(179 * SECOND);
    expect(await openOf(b.client)).toBe("in-flight");
    await here.clock.advance(2 * SECOND);
    expect(await openOf(b.client)).toBe("unknown");
  });

  test.each([3 * HOUR, -3 * HOUR])("what one that is %i ms ahead wrote is judged rightly by another", async (ahead) => {
    const here = store(true);
    await stuck(here, "sending", ahead);
    const b = here.machine(0, accepted);
    await here.clock.advance(179 * SECOND);
    expect(await openOf(b.client)).toBe("in-flight");
    await here.clock.advance(2 * SECOND);
    expect(await openOf(b.client)).toBe("unknown");
  });

  test.each([3 * HOUR, -3 * HOUR])(
    "one that is %i ms ahead takes over what was begun 70 s ago, and not before",
    async (ahead) => {
      const here = store(true);
      await stuck(here, "begun");
      const b = here.machine(ahead, accepted);
      await here.clock.advance(60 * SECOND);
      expect(await openOf(b.client)).toBe("in-flight");
      await here.clock.advance(11 * SECOND);
      expect(await openOf(b.client)).toBe("not-sent");
      expect(await submitFor(here.clock, b)).toMatchObject({ id: "t1" });
      expect(b.posts()).toBe(1);
    },
  );

  test.each([3 * HOUR, -3 * HOUR])("one that is %i ms ahead declares nothing lost before its time", async (ahead) => {
    const here = store(true);
    await stuck(here, "sending");
    await here.move({ state: "unknown" });
    const { client, journal } = here.machine(ahead);
    const settle = () => settleSubmit(journal, "k", "lost", { client });
    await here.clock.advance(79 * 60 * SECOND);
    expect(await errorOf(settle())).toMatchObject({ code: "invalid_request", issues: [{ path: "outcome" }] });
    await here.clock.advance(2 * 60 * SECOND);
    await settle();
    expect((await here.row()).state).toBe("lost");
  });

  test.each([3 * HOUR, -3 * HOUR])("one that is %i ms ahead sends all the same", async (ahead) => {
    const here = store(true);
    expect(await submitFor(here.clock, here.machine(ahead, accepted))).toMatchObject({ id: "t1" });
    const { sentAt, sendBefore, createdAt } = await here.row();
    for (const time of [sentAt, createdAt]) expect(Date.parse(time ?? "")).toBe(here.clock.now());
    expect(Date.parse(sendBefore ?? "")).toBe(here.clock.now() + 10 * SECOND);
  });
});

describe("without one", () => {
  test.each(["begun", "sending"] as const)("what another process has %s is in flight for ever", async (state) => {
    const here = store(false);
    await stuck(here, state);
    const b = here.machine(3 * HOUR, accepted);
    await here.clock.advance(24 * HOUR);
    expect(await openOf(b.client)).toBe("in-flight");
    expect(await submitFor(here.clock, b)).toMatchObject({
      code: "submit_unknown",
      message: expect.stringMatching(/no `now`.*settleSubmit\(\).*`force`/),
    });
    expect(b.posts()).toBe(0);
    expect((await here.row()).state).toBe(state);
  });

  test("what another process sent cannot be declared lost, whatever the clock here says", async () => {
    const here = store(false);
    await stuck(here, "sending");
    await here.move({ state: "unknown" });
    const { client, journal } = here.machine(3 * HOUR);
    expect(await errorOf(settleSubmit(journal, "k", "lost", { client }))).toMatchObject({
      code: "invalid_request",
      issues: [{ path: "outcome", rule: expect.stringContaining("`force`") }],
    });
    expect((await here.row()).state).toBe("unknown");
  });

  test.each(["begun", "sending", "unknown"] as const)(
    "force declares lost what is %s, and the key is free",
    async (state) => {
      const here = store(false);
      await stuck(here, "sending");
      await here.move({ state });
      const b = here.machine(-3 * HOUR, accepted);
      await settleSubmit(b.journal, "k", "lost", { force: true });
      expect((await here.row()).state).toBe("lost");
      expect(await submitFor(here.clock, b)).toMatchObject({ id: "t1" });
      expect(b.posts()).toBe(1);
    },
  );

  test("the process that sent it tells its age by time that passes, not by a wall clock that is set", async () => {
    const here = store(false);
    let set = 0;
    const own = { ...here.shared, durable: true as const };
    const clock = { ...here.clock, now: () => here.clock.now() + set };
    const { client } = acmeClient([hang], { journal: own, clock });
    void client.submit(request, key).catch(() => {});
    await until(async () => (await here.shared.get("k"))?.state === "sending");
    set = 5 * HOUR;
    expect(await openOf(client)).toBe("in-flight");
    set = -5 * HOUR;
    await here.clock.advance(179 * SECOND);
    expect(await openOf(client)).toBe("in-flight");
    await here.clock.advance(2 * SECOND);
    expect(await openOf(client)).toBe("unknown");
  });

  test("one that tried to begin the key, too, does not tell the age of the row it found there", async () => {
    const here = store(false);
    await stuck(here, "sending");
    let looked = 0;
    const racing: Journal = {
      ...here.shared,
      durable: true,
      get: async (name) => (looked++ === 0 ? undefined : here.shared.get(name)),
    };
    const clock = { ...here.clock, now: () => here.clock.now() + 3 * HOUR };
    const { client, posts } = acmeClient([accepted], { journal: racing, clock });
    const submitting = client.submit(request, { ...key, submitTimeout: SECOND }).catch((error: unknown) => error);
    expect(await here.clock.until(submitting)).toMatchObject({ code: "submit_unknown" });
    expect(posts()).toBe(0);
    expect((await here.row()).state).toBe("sending");
  });

  test("it may declare it lost an hour later, by the same time", async () => {
    const here = store(false);
    const a = here.machine(0, reset);
    expect(await submitFor(here.clock, a)).toMatchObject({ code: "submit_unknown" });
    const settle = () => settleSubmit(a.journal, "k", "lost", { client: a.client });
    expect(await errorOf(settle())).toMatchObject({ issues: [{ path: "outcome" }] });
    await here.clock.advance(81 * 60 * SECOND);
    await settle();
    expect((await here.row()).state).toBe("lost");
  });
});

describe("of one process, over a journal in memory", () => {
  const journal = memoryJournal();
  const clock = handClock();
  const ahead = { ...clock, now: () => clock.now() + 3 * HOUR };

  test("a client with another clock tells the age of a submit by the time of the one that sent it", async () => {
    void acmeClient([hang], { journal, clock })
      .client.submit(request, key)
      .catch(() => {});
    await until(async () => (await journal.get("k"))?.state === "sending");
    const { client } = acmeClient([accepted], { journal, clock: ahead });
    expect(await openOf(client)).toBe("in-flight");
    expect(await errorOf(settleSubmit(journal, "k", "lost", { client }))).toMatchObject({ code: "invalid_request" });
    await clock.advance(181 * SECOND);
    expect(await openOf(client)).toBe("unknown");
  });
});

describe("a clock of the store's that fails", () => {
  const failing = (now: () => Promise<number>) => ({ ...memoryJournal(), durable: true as const, now });

  test.each([
    ["rejects", async () => Promise.reject(new Error("no connection")), "no connection"],
    [
      "throws",
      () => {
        throw new Error("no connection");
      },
      "no connection",
    ],
    ["tells seconds", async () => 1_700_000_000, "milliseconds"],
    ["tells a date", async () => new Date() as never, "milliseconds"],
    ["tells nothing", async () => Number.NaN, "milliseconds"],
  ])("where it %s nothing is sent", async (_what, now, message) => {
    const { client, posts } = acmeClient([accepted], { journal: failing(now) });
    expect(await errorOf(client.submit(request, key))).toMatchObject({
      code: "journal",
      billed: "no",
      message: expect.stringContaining(message),
    });
    expect(posts()).toBe(0);
  });

  test("a resumed row is an item with that error", async () => {
    const here = store(true);
    await stuck(here, "sending");
    const { client } = acmeClient([], {
      journal: { ...here.shared, durable: true, now: async () => Promise.reject(new Error("down")) },
    });
    expect(await openOf(client)).toMatchObject({ idempotencyKey: "k", error: { code: "journal" } });
  });

  test("an outcome that is known is written, and the caller has it", async () => {
    let isDown = false;
    const journal = failing(async () => (isDown ? Promise.reject(new Error("down")) : Date.now()));
    const step: Step = (seen) => ((isDown = true), accepted(seen));
    expect(await acmeClient([step, running], { journal }).client.submit(request, key)).toMatchObject({ id: "t1" });
    expect(await journal.get("k")).toMatchObject({ state: "accepted" });
    const refused = acmeClient([answer(400, {})], { journal: { ...memoryJournal(), durable: true } });
    expect(await errorOf(refused.client.submit(request, key))).toMatchObject({ billed: "no" });
  });
});
