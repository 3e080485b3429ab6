// The promise itself, over random histories: processes that crash, freeze and lose their journal at any of its calls,
// two at a time on one durable journal, a vendor that answers anything, and no key ever pays twice.
import * as fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { settleSubmit, VidtaskError, type Journal } from "../index.ts";
import { digestAtOnce } from "../test/hand-clock.ts";
import { ANSWERS, clockOf, start, world, type AnswerName, type Mishap } from "../test/processes.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;
const RUNS = Number(process.env["VIDTASK_PAY_ONCE_RUNS"] ?? 400);

type Step = { process: 0 | 1; act: "submit" | "resume" | "abort" | "restart" | "get" | "settle"; rest: number };
/** `ahead`: of the clock of each process, in ms; `storeClock`: whether the journal has one of its own. */
type History = {
  answers: AnswerName[];
  mishaps: [Mishap[], Mishap[]];
  steps: Step[];
  ahead: [number, number];
  storeClock: boolean;
};

const mishaps = fc.array(
  fc.record<Mishap>({
    at: fc.nat(14),
    kind: fc.constantFrom("crash", "crash", "fail", "freeze"),
    after: fc.boolean(),
    ms: fc.constantFrom(1, 9 * SECOND, 11 * SECOND, 75 * SECOND, 200 * SECOND, 2 * HOUR),
  }),
  { maxLength: 3 },
);
const histories = fc.record<History>({
  answers: fc.array(fc.constantFrom(...(Object.keys(ANSWERS) as AnswerName[])), { minLength: 1, maxLength: 5 }),
  mishaps: fc.tuple(mishaps, mishaps),
  ahead: fc.tuple(fc.constantFrom(0, 0, 3 * HOUR, -3 * HOUR), fc.constantFrom(0, 0, 3 * HOUR, -3 * HOUR)),
  storeClock: fc.boolean(),
  steps: fc.array(
    fc.record<Step>({
      process: fc.constantFrom(0, 1),
      act: fc.constantFrom("submit", "submit", "submit", "restart", "resume", "abort", "get", "settle"),
      rest: fc.constantFrom(0, 0, 100, 5 * SECOND, 30 * SECOND, 80 * SECOND, 200 * SECOND, HOUR),
    }),
    { minLength: 2, maxLength: 9 },
  ),
});

/** A process freezes with its POST in the hand, is given up, declared lost and replaced, and wakes up. */
const frozen = (at: number): History => ({
  answers: ["accepted", "accepted"],
  mishaps: [[{ at, kind: "freeze", after: true, ms: 2 * HOUR }], []],
  ahead: [0, 0],
  storeClock: true,
  steps: [
    { process: 0, act: "submit", rest: HOUR },
    { process: 1, act: "resume", rest: 0 },
    { process: 1, act: "settle", rest: 100 },
    { process: 1, act: "submit", rest: 2 * HOUR },
  ],
});

async function play({ answers, mishaps, steps, ahead, storeClock }: History) {
  const here = world(answers);
  const { clock, store, posts, tasks } = here;
  const ends: unknown[] = [];
  const startOne = (index: 0 | 1, own: readonly Mishap[]) =>
    start(here, { mishaps: own, ahead: ahead[index], ends, storeClock });
  const processes = [startOne(0, mishaps[0]), startOne(1, mishaps[1])];
  for (const { process, act, rest } of steps) {
    const own = processes[process]!;
    if (act === "restart") {
      own.kill();
      processes[process] = startOne(process, []);
    } else if (act === "settle") {
      const row = await store.get("key");
      // As soon as it is allowed, and so too early for a process that is frozen with a POST under way.
      if (row?.state !== "unknown") continue;
      // As soon as it is allowed, and so too early for a process that is frozen with a POST under way.
      const journal: Journal = { ...store, ...clockOf(here, storeClock) };
      const isLost = await settleSubmit(journal, "key", "lost").then(
        () => true,
        () => false,
      );
      if (isLost) here.lose();
    } else if (act === "get") own.get([...tasks.keys()][0] ?? "t1");
    else own[act]();
    await clock.advance(rest);
  }
  await clock.advance(20 * HOUR);
  const before = await store.get("key");
  // Everything is over: a healthy process comes, looks, and submits once more.
  for (const process of processes) process.kill();
  here.heal();
  const last = startOne(0, []);
  last.resume();
  await clock.advance(HOUR);
  const resumed = await store.get("key");
  const sent = posts.length;
  last.submit();
  await clock.advance(HOUR);
  return { posts, sent, tasks, losses: here.losses(), ends, before, resumed, after: await store.get("key") };
}

beforeAll(() => void vi.spyOn(crypto.subtle, "digest").mockImplementation(digestAtOnce));

test("no key ever pays twice, none ends without saying what became of it, and no task that was paid for is lost", async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const { storeClock } = history;
      const { posts, sent, tasks, losses, ends, before, resumed, after } = await play(history);

      // Declaring a task lost that is not pays again; nothing else does.
      const could = posts.filter(({ name }) => ANSWERS[name].takes !== false);
      const ages = could.map(({ age }) => age);
      expect(ages).toEqual([...new Set(ages)]);

      // What no process works on any more is open only as something that `resume` names.
      const open = [undefined, "begun", "sending", "accepted", "refused", "unknown", "succeeded", "lost"];
      expect(open).toContain(before?.state);
      // Without a clock of the store's no other process says that a submit which was begun is over.
      const left = storeClock ? [] : ["begun", "sending"];
      expect([...open.filter((state) => state !== "sending" && state !== "accepted"), ...left]).toContain(
        resumed?.state,
      );
      expect(["accepted", "unknown", "succeeded", ...left]).toContain(after?.state);
      // `begun` and `refused` are said only of a key under which nothing can have been accepted.
      if (posts.slice(0, sent).some((post) => post.age === losses && could.includes(post)))
        expect(storeClock ? ["begun", "refused"] : ["refused"]).not.toContain(resumed?.state);

      const id = [...tasks.keys()].at(-1);
      if (id !== undefined && losses === 0) expect([undefined, id]).toContain(after?.ref?.id);
      if (id !== undefined && losses === 0 && !after?.ref) expect(["unknown", ...left]).toContain(after?.state);
      if (after?.ref) expect(tasks.has(after.ref.id)).toBe(true);
      for (const error of ends) expect(VidtaskError.isInstance(error), `${error}`).toBe(true);
      seen.set(after?.state ?? "none", (seen.get(after?.state ?? "none") ?? 0) + 1);
    }),
    { numRuns: RUNS, seed: 4, examples: [0, 1, 2, 3].map((at) => [frozen(at)]) },
  );
  // The histories are worth something: each end is reached.
  for (const state of ["accepted", "succeeded", "unknown"])
    expect([state, seen.get(state) ?? 0]).not.toEqual([state, 0]);
}, 600_000);
