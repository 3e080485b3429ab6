// As many waits at once as APIXO allows tasks, under faults: all of them end, and the requests stay inside the limit.
import { createEmulator } from "@vidtask/emulator";
import { createApixo, VidtaskError, type Clock } from "vidtask";
import { sayNowAndThen, seconds, type Say } from "../progress.ts";
import { addFaults } from "./faults.ts";
import { count, counted, type Report } from "./report.ts";
import { requestOf } from "./vendors.ts";

export type WaitsOptions = {
  waits: number;
  seed: number;
  say: Say;
  /** Asks far more often than the limit allows, so that only the limit holds it back. @default as documented */
  greedy?: boolean;
};

const LIMITS = { requestsPerMinute: 10_000, concurrentTasks: 1_000 };
const MINUTE = 60_000;
/** So many may be between the client's decision to send, which it counts, and the sending, which is counted here. */
const IN_FLIGHT = 32;
/** Slow enough that this machine can send what the limit allows. */
const speedFor = (waits: number) => (waits > 200 ? 6 : 20);
const TIMEOUT = 150_000;
const ENDS = new Set(["succeeded", "failed", "wait_timeout"]);

export async function chaosOfWaits({ waits, seed, say, greedy = false }: WaitsOptions): Promise<Report> {
  const started = performance.now();
  const emulator = createEmulator({ vendors: ["apixo"], clock: { speed: speedFor(waits) }, seed, credits: 1e9 });
  const requestsPerMinute = Math.ceil((LIMITS.requestsPerMinute * waits) / LIMITS.concurrentTasks);
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
    timeout: TIMEOUT,
    ...(greedy ? { poll: { first: 1_000, interval: 1_000 } } : {}),
    onEvent: (event) => event.type === "fault" && count(faults, String(event.error?.["code"])),
  });
  const tasks = await Promise.all(
    Array.from({ length: waits }, (_, index) =>
      apixo.submit({ model: "kling-2-6", prompt: requestOf("apixo", `wait-${index}`).prompt }),
    ),
  );
  // A 429 slows the whole client down for a while, and then it is not the limit that does.
  addFaults(emulator, { get: true, ...(greedy ? { except: "429" } : {}) });
  emulator.fault({ on: "get", kind: "stuck", probability: 0.001, times: Infinity });
  emulator.fault({ on: "get", kind: "fail:GENERATION_FAILED", probability: 0.002, times: Infinity });

  const ends = new Map<string, number>();
  let ended = 0;
  let open = 0;
  let most = 0;
  await Promise.all(
    tasks.map(async (task) => {
      most = Math.max(most, ++open);
      count(ends, await endOf(apixo.wait(task)));
      open--;
      tell(`${name}: ${++ended} ended, ${sent.length} requests, ${seconds(started)}`);
    }),
  );
  const busiest = busiestMinute(sent);
  const violations = [...ends.keys()].filter((end) => !ENDS.has(end)).map((end) => `a wait ended as ${end}`);
  if (ended !== waits) violations.push(`${ended} of ${waits} waits ended`);
  if (busiest > requestsPerMinute + IN_FLIGHT)
    violations.push(`${busiest} requests in a minute, ${requestsPerMinute} are allowed`);
  emulator.reset();
  return {
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
}

async function endOf(wait: Promise<{ state: string }>): Promise<string> {
  try {
    return (await wait).state;
  } catch (error) {
    if (!VidtaskError.isInstance(error)) return String(error);
    return error.name === "TaskFailedError" ? "failed" : error.code;
  }
}

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
