import { describe, expect, test } from "vitest";
import { CALLBACK_URL, names, receiving, status, submit, type Name } from "../test/callback-helpers.ts";
import { caller } from "../test/helpers.ts";

const LONG = 3_000_000;
const polls: Record<Name, (id: string) => string> = {
  apixo: (id) => `/statusTask/kling-2-6?taskId=${id}`,
  aivideoapi: (id) => `/tasks/${id}`,
  apimodels: (id) => `/video/generations?task_id=${id}`,
};
const log = ({ callbacks }: { callbacks: readonly { attempt: number; fault?: string; status?: number }[] }) =>
  callbacks.map((entry) => [entry.attempt, entry.fault ?? "", entry.status]);

describe.each(names)("a callback of %s", (name) => {
  test("lost: the vendor takes it for delivered, and it never comes", async () => {
    const { emulator, seen } = receiving(() => status(200));
    emulator.injectFault({ on: "callback", kind: "lost" });
    for (let i = 0; i < 2; i++) await submit(name, emulator.for(name));
    await emulator.clock.advance(LONG);
    expect(seen).toHaveLength(1);
    expect(log(emulator)).toEqual([
      [1, "lost", undefined],
      [1, "", 200],
    ]);
  });

  test("late: it is held back", async () => {
    const at = async (fault: boolean, delay?: number) => {
      const { emulator, seen } = receiving(() => status(200));
      if (fault) emulator.injectFault({ on: "callback", kind: "late", delay });
      await submit(name, emulator.for(name));
      await emulator.clock.advance(LONG);
      return seen[0]?.at ?? 0;
    };
    const onTime = await at(false);
    expect(await at(true)).toBe(onTime + 60_000);
    expect(await at(true, 5_000)).toBe(onTime + 5_000);
  });

  test("duplicate: it comes twice, though the first was delivered", async () => {
    const { emulator, seen } = receiving(() => status(200));
    emulator.injectFault({ on: "callback", kind: "duplicate" });
    await submit(name, emulator.for(name));
    await emulator.clock.advance(LONG);
    expect(seen[1]?.body).toEqual(seen[0]?.body);
    expect(log(emulator)).toEqual([
      [1, "duplicate", 200],
      [2, "duplicate", 200],
    ]);
  });

  test("reordered: the next one overtakes it; when there is none, it comes a minute late", async () => {
    const { emulator } = receiving(() => status(200));
    const ids = [await submit(name, emulator.for(name)), await submit(name, emulator.for(name))];
    await emulator.clock.advance(LONG);
    const order = emulator.callbacks.map(({ taskId }) => taskId);
    expect(order.toSorted()).toEqual(ids.toSorted());

    const second = receiving(() => status(200)).emulator; // the same seed: the same tasks
    second.injectFault({ on: "callback", kind: "reordered", delay: LONG });
    for (const _ of ids) await submit(name, second.for(name));
    await second.clock.advance(LONG);
    expect(second.callbacks.map(({ taskId }) => taskId)).toEqual(order.toReversed());

    const alone = receiving(() => status(200));
    alone.emulator.injectFault({ on: "callback", kind: "reordered" });
    await submit(name, alone.emulator.for(name));
    await alone.emulator.clock.advance(LONG);
    expect(alone.seen).toHaveLength(1);
  });

  test.each(["forged", "forged-failure"] as const)(
    "%s: a lie about a running task, and later the truth",
    async (kind) => {
      const { emulator, seen } = receiving(async (_, own) => {
        const state = await caller<object>(own.for(name))(polls[name](id));
        states.push(JSON.stringify(state.body));
        return status(200);
      });
      const states: string[] = [];
      emulator.injectFault({ on: "callback", kind });
      const id = await submit(name, emulator.for(name));
      await emulator.clock.advance(LONG);
      expect(log(emulator)).toEqual([
        [0, kind, 200],
        [1, "", 200],
      ]);
      const [lie = "", truth = ""] = seen.map(({ body }) => JSON.stringify(body));
      expect(lie).toContain(id);
      expect(lie).toMatch(kind === "forged" ? /https:\/\/forged\.example\// : /"failed"/);
      expect(truth).toContain("https://emulator.test/results/");
      expect(states[0]).toMatch(/"(pending|processing)"/);
      expect(states[1]).toMatch(/"(success|completed)"/);
    },
  );

  test("before-answer: it comes before the submit's own answer, also where that is lost", async () => {
    const order: string[] = [];
    const { emulator, seen } = receiving(async (_, own) => {
      const [taskId = ""] = own.ledger.map((entry) => entry.taskId).slice(-1);
      const state = await caller<object>(own.for(name))(polls[name](taskId));
      order.push(`callback ${/"(success|completed)"/.test(JSON.stringify(state.body))}`);
      return status(200);
    });
    emulator.injectFault({ on: "callback", kind: "before-answer", times: 2 });
    await submit(name, emulator.for(name)).then(() => order.push("answer"));
    emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
    await submit(name, emulator.for(name)).catch(() => order.push("no answer"));
    expect(order).toEqual(["callback true", "answer", "callback true", "no answer"]);
    expect(emulator.clock.elapsed()).toBe(0);
    await emulator.clock.advance(LONG);
    expect(seen).toHaveLength(2);
  });
});

test("a receiver that answers nothing before the submit's own answer holds that up for half a second only", async () => {
  const { emulator } = receiving(() => new Promise(() => {}));
  emulator.injectFault({ on: "callback", kind: "before-answer" });
  expect(await submit("apixo", emulator.for("apixo"))).toMatch(/^task_/);
  emulator.reset();
});

test("before-answer by a word in the prompt", async () => {
  const { emulator, seen } = receiving(() => status(200));
  await submit("apixo", emulator.for("apixo"), CALLBACK_URL, "a cat [callback:before-answer]");
  expect(seen).toHaveLength(1);
  expect(emulator.clock.elapsed()).toBe(0);
  expect(log(emulator)).toEqual([[1, "before-answer", 200]]);
});

test("by rates and by a word in the prompt, the same for the same seed", async () => {
  const run = async () => {
    const { emulator } = receiving(() => status(200), {
      faults: { callback: { lost: 0.2, duplicate: 0.2, forged: 0.2 } },
    });
    await submit("apixo", emulator.for("apixo"), CALLBACK_URL, "[callback:late] [callback:forged-failure]");
    for (let i = 0; i < 60; i++) await submit("apixo", emulator.for("apixo"));
    await emulator.clock.advance(LONG);
    return log(emulator).map(([, fault]) => fault);
  };
  const [a, b] = [await run(), await run()];
  expect(a).toEqual(b);
  const count = (kind: string) => a.filter((fault) => fault === kind).length;
  expect(count("late")).toBe(1);
  expect(count("forged-failure")).toBe(1);
  expect([count("lost"), count("duplicate") / 2, count("forged")].map((n) => n > 4 && n < 22)).toEqual([
    true,
    true,
    true,
  ]);
});
