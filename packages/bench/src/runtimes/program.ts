// What runs on each runtime, bundled into one file: submits after GETs, and tells how each one ended.
import { createApixo, memoryJournal, VidtaskError, type VidtaskEvent } from "vidtask";
import { ABORT_MS, IDLE_MS, type Fault } from "./cases.ts";

export type Told = { endings: string[]; alarms: string[] };

type Program = { process: { argv: string[]; exit(code: number): never } };
const { process } = globalThis as unknown as Program;
const { baseUrl, fault, submits } = JSON.parse(process.argv.at(-1) ?? "") as {
  baseUrl: string;
  fault: Fault;
  submits: number;
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const told: Told = { endings: [], alarms: [] };
const journal = memoryJournal();
let abort = new AbortController();
const onEvent = (event: VidtaskEvent) => {
  if (event.type === "alarm") told.alarms.push(event.alarm);
  const isLeaving = event.type === "request" && event.phase === "submit";
  if (isLeaving && fault === "abort") setTimeout(() => abort.abort(), ABORT_MS);
};
const apixo = createApixo({ apiKey: "k", baseUrl, journal, onEvent, requestTimeout: 1_500 });

/** Leaves a connection in the runtime's pool; tries until somebody listens again. */
async function ask(): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const isAnswered = await apixo.balance?.().then(
      () => true,
      () => false,
    );
    if (isAnswered) return;
    await sleep(100);
  }
}

for (let index = 0; index < submits; index++) {
  const key = `runtime-${index}`;
  if (fault === "refused") console.log("go");
  else await ask();
  // Around the moment at which the server closes what is idle.
  if (fault === "stale" || fault === "idle-408") await sleep(IDLE_MS - 6 + (index % 13));
  abort = new AbortController();
  const request = { model: "kling-2-6", prompt: key } as const;
  const ending = await apixo.submit(request, { key, signal: abort.signal }).then(
    () => "task",
    (error: unknown) => (VidtaskError.isInstance(error) ? error.name : `odd: ${String(error)}`),
  );
  if (fault === "abort") {
    await sleep(2 * ABORT_MS);
    for (let tries = 0; (await journal.get(key))?.state === "sending" && tries < 20; tries++) await sleep(50);
  }
  told.endings.push(`${ending}, ${(await journal.get(key))?.state}`);
}
console.log(JSON.stringify(told));
process.exit(0);
