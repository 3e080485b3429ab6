// Runs on each runtime: submits after GETs, and tells how each one ended.
import { createApixo, memoryJournal, VidtaskError, type VidtaskEvent } from "vidtask";
import { ABORT_MS, IDLE_MS, idleFor, type Fault } from "./cases.ts";

export type PaidAbout = { program: "paid"; baseUrl: string; fault: Fault; submits: number };
export type PaidTold = { endings: string[]; slowestAbortMs: number };

/** A POST that gets no answer is given up after so long, and none starts after the other. */
const [GIVEN_UP_MS, START_WITHIN_MS] = [1_500, 30_000];

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function runPaid({ baseUrl, fault, submits }: PaidAbout): Promise<PaidTold> {
  const told: PaidTold = { endings: [], slowestAbortMs: 0 };
  const journal = memoryJournal();
  let abort = new AbortController();
  let abortedAt = 0;
  const onEvent = (event: VidtaskEvent) => {
    // The last that happens before a paid request is sent.
    if (event.type !== "request" || event.phase !== "submit") return;
    if (fault === "blocked") block(2 * IDLE_MS);
    if (fault === "abort")
      setTimeout(() => {
        abortedAt = performance.now();
        abort.abort();
      }, ABORT_MS);
  };
  const apixo = createApixo({ apiKey: "k", baseUrl, journal, onEvent, requestTimeout: GIVEN_UP_MS });

  for (let index = 0; index < submits; index++) {
    const key = `runtime-${index}`;
    await ask();
    if (fault === "stale" || fault === "idle-408") await sleep(idleFor(index));
    abort = new AbortController();
    const options = { idempotencyKey: key, signal: abort.signal, submitTimeout: START_WITHIN_MS };
    const ending = await apixo.submit({ model: "kling-2-6", prompt: key }, options).then(
      () => "task",
      (error: unknown) => (VidtaskError.isInstance(error) ? error.name : `odd: ${String(error)}`),
    );
    if (fault === "abort") {
      told.slowestAbortMs = Math.max(told.slowestAbortMs, performance.now() - abortedAt);
      for (let tries = 0; (await journal.get(key))?.state === "sending" && tries < 20; tries++) await sleep(50);
    }
    told.endings.push(`${ending}, ${(await journal.get(key))?.state}`);
  }
  return told;

  /** Leaves a connection in the runtime's pool; tries until the port is open again. */
  async function ask(): Promise<void> {
    for (let tries = 0; tries < 30; tries++) {
      const isAnswered = await apixo.balance?.().then(
        () => true,
        () => false,
      );
      if (isAnswered) return;
      await sleep(50);
    }
  }
}

/** A program that is busy learns only afterwards what came on its connections. */
function block(ms: number): void {
  const until = Date.now() + ms;
  while (Date.now() < until);
}
