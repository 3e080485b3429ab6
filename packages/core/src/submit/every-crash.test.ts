// One submit, exhaustively: its process dies at each call of its journal, or the call's answer is lost, with each answer of the
// vendor, and a second process submits the same key at each moment. The row begins as `sending`, in one write.
import { beforeAll, expect, test, vi } from "vitest";
import { digestAtOnce } from "../test/hand-clock.ts";
import { ANSWERS, start, world, type AnswerName, type Mishap } from "../test/processes.ts";

const SECOND = 1_000;
/** Longer than any row is left as it is. */
const LATER = 600 * SECOND;

beforeAll(() => void vi.spyOn(crypto.subtle, "digest").mockImplementation(digestAtOnce));

const answers: readonly AnswerName[] = [
  "accepted",
  "accepted, then reset",
  "accepted, and the process dies",
  "no listener",
];
const faults: readonly Pick<Mishap, "kind" | "after">[] = [
  { kind: "crash", after: false },
  { kind: "crash", after: true },
  { kind: "fail", after: true },
];
/** When the second process comes, in ms after the first: `now` is in the midst of the call. */
const seconds = ["now", 200 * SECOND] as const;

type Case = { mishap: Mishap; answer: AnswerName; second: (typeof seconds)[number] };

async function play({ mishap, answer, second }: Case) {
  const here = world([answer]);
  const { clock, store, posts, tasks } = here;
  const both = { ahead: 0, ends: [], storeClock: true };
  const other = start(here, { ...both, mishaps: [] });
  let calls = 0;
  const first = start(here, {
    ...both,
    mishaps: [mishap],
    onCall(call) {
      calls = call + 1;
      if (second === "now" && call === mishap.at) other.submit();
    },
  });
  first.submit();
  if (second !== "now") {
    await clock.advance(second);
    other.submit();
  }
  await clock.advance(LATER);
  // A third finds what the two have left.
  first.kill();
  other.kill();
  here.heal();
  const last = start(here, { ...both, mishaps: [] });
  last.resume();
  await clock.advance(LATER);
  last.submit();
  await clock.advance(LATER);
  return { posts, tasks: [...tasks.keys()], row: await store.get("key"), isMet: calls > mishap.at };
}

/** What is wrong with how it ended. */
function flawsOf({ posts, tasks, row }: Awaited<ReturnType<typeof play>>): string[] {
  const could = posts.filter(({ name }) => ANSWERS[name].takes !== false);
  // What was paid for is the key's, or the key stays closed; what was not is free again or closed.
  const rules: { readonly [rule: string]: boolean } = {
    "at most one request could be accepted": could.length <= 1,
    "each that could be accepted made a task": tasks.length === could.length,
    "the key is closed": ["accepted", "succeeded", "unknown"].includes(row?.state ?? ""),
    "its task is the one that was paid for": row?.ref === undefined || row.ref.id === tasks[0],
    "a task that it has was paid for": row?.state === "unknown" || tasks.length === 1,
  };
  return Object.keys(rules).filter((rule) => !rules[rule]);
}

test("a key whose row begins as sending pays once, wherever a process dies and whoever comes next", async () => {
  const seen = { met: 0, paid: 0, unknown: 0, sentAnew: 0 };
  const flaws: string[] = [];
  for (let at = 0, isMet = true; isMet; at++) {
    isMet = false;
    for (const fault of faults)
      for (const answer of answers)
        for (const second of seconds) {
          const played = await play({ mishap: { ...fault, at, ms: 0 }, answer, second });
          const where = `${fault.kind} ${fault.after ? "after" : "before"} call ${at}, ${answer}, the second at ${second}`;
          flaws.push(...flawsOf(played).map((rule) => `${where}: broken: ${rule}`));
          isMet ||= played.isMet;
          if (!played.isMet) continue;
          seen.met++;
          seen.paid += played.tasks.length;
          if (played.row?.state === "unknown") seen.unknown++;
          if (played.posts.length > played.tasks.length) seen.sentAnew++;
        }
  }
  expect(flaws).toEqual([]);
  // Each kind of end was there, at each call: a look at the key, its one write before the request, and one after it.
  expect(seen.met).toBeGreaterThanOrEqual(3 * faults.length * answers.length * seconds.length);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});
