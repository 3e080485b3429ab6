// As many waits at once as APIXO allows tasks, under faults: all of them end, and the requests stay inside the limit.
import { sayNowAndThen, seconds, type Say } from "@vidtask/bench/progress";
import { requestOf } from "@vidtask/bench/vendors";
import { createEmulator, type Emulator } from "@vidtask/emulator";
import { createApixo, VidtaskError, type Clock, type Task } from "vidtask";
import { addFaults } from "./faults.ts";
import { count, counted, type Report } from "./report.ts";

export type WaitsOptions = {
  waits: number;
  seed: number;
  say: Say;
  /** Asks far more often than a quarter of the limit allows, so that only that holds it back. @default as documented */
  greedy?: boolean;
};

const LIMITS = { requestsPerMinute: 10_000, concurrentTasks: 1_000 };
const MINUTE = 60_000;
/** So many may be between the client's decision to send, which it counts, and the sending, which is counted here. */
const IN_FLIGHT = 32;
/** Slow enough that a machine can send what the limit allows; on a busy one that takes the next. */
const speedsFor = (waits: number) => (waits > 200 ? [6, 2] : [20, 5]);
const TIMEOUT = 150_000;
/** As documented: nothing but 404 in a row, after the first minute, ends a wait. */
const GONE = "three 404 in a row";
/** Of the limit: what a busy machine can send too. */
const GREEDY_SHARE = 1 / 4;
/** Such a share of the limit is reached where nothing else holds back, or the suite proves nothing of it. */
const NEARLY = 0.9;
const ENDS = new Set(["succeeded", "failed", "wait_timeout", GONE]);

export async function chaosOfWaits(options: WaitsOptions): Promise<Report> {
  const [first = 1, ...slower] = speedsFor(options.waits);
  let found = await waitsAt(first, options);
  for (const speed of slower) {
    if (!found.isTooSlow) break;
    options.say(
      `${found.report.name}: this machine cannot send what the limit allows; once more, at ${speed} times real time`,
    );
    found = await waitsAt(speed, options);
  }
  return found.report;
}

/** `isTooSlow`: nothing is wrong but that the limit held nothing back. */
async function waitsAt(
  speed: number,
  { waits, seed, say, greedy = false }: WaitsOptions,
): Promise<{ report: Report; isTooSlow: boolean }> {
  const started = performance.now();
  const emulator = createEmulator({ vendors: ["apixo"], clock: { speed }, seed, credits: 1e9 });
  const share = (waits / LIMITS.concurrentTasks) * (greedy ? GREEDY_SHARE : 1);
  const requestsPerMinute = Math.ceil(LIMITS.requestsPerMinute * share);
  const sent: number[] = [];
  const given = emulator.for("apixo");
  const send: typeof fetch = (input, init) => {
    sent.push(given.clock.elapsed());
    return given.fetch(input, init);
  };
  const name = `${waits} waits at once${greedy ? ", greedy" : ""}`;
  const tell = sayNowAndThen(say);
  const faults = new Map<string, number>();
  const apixo = createApixo({
    ...given,
    fetch: send,
    limits: { ...LIMITS, requestsPerMinute },
    requestTimeout: 5_000,
    waitTimeout: TIMEOUT,
    ...(greedy ? { poll: { first: 1_000, interval: 1_000 } } : {}),
    onEvent: (event) => event.type === "fault" && count(faults, String(event.error?.["code"])),
  });
  const tasks = await Promise.all(
    Array.from({ length: waits }, (_, index) =>
      apixo.submit({ model: "kling-2-6", prompt: requestOf("apixo", `wait-${index}`).prompt }),
    ),
  );
  // A 429 slows the whole client down for a while, and then it is not the limit that does.
  addFaults(emulator, { poll: true, ...(greedy ? { except: "429" } : {}) });
  emulator.injectFault({ on: "poll", kind: "stuck", probability: 0.001, times: Infinity });
  emulator.injectFault({ on: "poll", kind: "fail:GENERATION_FAILED", probability: 0.002, times: Infinity });

  const ends = new Map<string, number>();
  let ended = 0;
  let open = 0;
  let most = 0;
  await Promise.all(
    tasks.map(async (task) => {
      most = Math.max(most, ++open);
      const end = await endOf(task, apixo.wait(task));
      count(ends, end === "not_found" && isGone(emulator, task) ? GONE : end);
      open--;
      tell(`${name}: ${++ended} ended, ${sent.length} requests, ${seconds(started)}`);
    }),
  );
  const busiest = busiestMinute(sent);
  const violations = [...ends.keys()].filter((end) => !ENDS.has(end)).map((end) => `a wait ended as ${end}`);
  if (ended !== waits) violations.push(`${ended} of ${waits} waits ended`);
  if (busiest > requestsPerMinute + IN_FLIGHT)
    violations.push(`${busiest} requests in a minute, ${requestsPerMinute} are allowed`);
  const isTooSlow = greedy && violations.length === 0 && busiest < requestsPerMinute * NEARLY;
  if (isTooSlow)
    violations.push(`${busiest} requests in a minute: the limit of ${requestsPerMinute} held nothing back`);
  emulator.reset();
  const report: Report = {
    name,
    seed,
    figures: {
      "at once": most,
      ends: counted(ends),
      requests: sent.length,
      "polls of a task": (sent.length / waits - 1).toFixed(1),
      "busiest minute": `${busiest} of ${requestsPerMinute} requests`,
      "took, in the client's time": `${Math.round(minutesOf(given.clock, sent) * 60)} s`,
      "tolerated faults": counted(faults),
    },
    violations,
    ms: performance.now() - started,
  };
  return { report, isTooSlow };
}

async function endOf(task: Task, wait: Promise<Task>): Promise<string> {
  try {
    const { id, state } = await wait;
    return id === task.id ? state : `the end of another task, ${id}`;
  } catch (error) {
    if (!VidtaskError.isInstance(error)) return String(error);
    return error.name === "TaskFailedError" ? "failed" : error.code;
  }
}

const isGone = ({ requests }: Emulator, { id }: Task): boolean => {
  const last = requests.filter(({ path }) => path.includes(id)).slice(-3);
  return last.length === 3 && last.every(({ status }) => status === 404);
};

const minutesOf = (clock: Clock, sent: readonly number[]): number => (clock.elapsed() - (sent[0] ?? 0)) / MINUTE;

function busiestMinute(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while ((times[first] ?? time) <= time - MINUTE) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
