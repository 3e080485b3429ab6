// A process with something else in it: submits once to each vendor, and tells how that ended.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { isMainThread, Worker } from "node:worker_threads";
import type { SucceededTask, VideoClient, VidtaskEvent } from "vidtask";
import { STOPPING, TOLD, type Job, type Told } from "./job.ts";
import { setups } from "./setups.ts";

/** None starts later. */
const SUBMIT_TIMEOUT = 700;
const REQUEST_TIMEOUT = 3_000;

const job = JSON.parse(process.argv[2] ?? "") as Job;
const setup = setups.find(({ name }) => name === job.setup);
if (!setup) throw new Error(`there is no set-up ${job.setup}`);

if (setup.inWorker && isMainThread) {
  const worker = new Worker(import.meta.filename, { argv: process.argv.slice(2) });
  worker.once("error", (error) => console.error(error));
} else {
  const given = await setup.prepare?.(job.given);
  const told: Told[] = [];
  for (const target of job.targets) told.push(await submitTo(target, given ?? undefined));
  process.stdout.write(`${TOLD}${JSON.stringify(told)}\n`, () => process.exit());
}

async function submitTo({ outcome, baseUrl }: Job["targets"][number], custom?: typeof fetch): Promise<Told> {
  // Only now: what a program imports first finds everything as Node leaves it.
  const { createApixo, memoryJournal, VidtaskError } = await import("vidtask");
  const alarms: string[] = [];
  let attempts = 0;
  const onEvent = (event: VidtaskEvent) => {
    if (event.type === "alarm") alarms.push(event.alarm);
    if (event.type !== "request" || event.phase !== "submit") return;
    if (++attempts === 1 && setup?.stopMs !== undefined) queueMicrotask(stop); // what it makes now has been made then
  };
  const client = createApixo({
    apiKey: "k",
    baseUrl,
    journal: memoryJournal(),
    onEvent,
    requestTimeout: REQUEST_TIMEOUT,
    fetch: custom,
  });
  const ended = (error: unknown) =>
    VidtaskError.isInstance(error) ? `${error.name} ${error.billed}` : `odd: ${String(error)}`;
  const read = await client.get({ vendor: "apixo", model: "kling-2-6", id: "task_12345678" }).then(() => "read", ended);
  const options = { idempotencyKey: outcome, submitTimeout: SUBMIT_TIMEOUT + (setup?.stopMs ?? 0) * 2 };
  const ending = await client.submit({ model: "kling-2-6", prompt: outcome }, options).then(() => "task", ended);
  const saved = setup?.saves && outcome === "accepted" ? await save(client) : undefined;
  return { outcome, read, ending, saved, attempts, alarms };
}

async function save(client: VideoClient): Promise<string> {
  const { saveVideo } = await import("vidtask/node");
  const { videoUrl, folder } = job.given;
  const ref = { vendor: "apixo", model: "kling-2-6", id: "task_12345678" };
  const done: SucceededTask = { ...ref, state: "succeeded", videos: [{ url: videoUrl }] };
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT);
  return saveVideo(client, done, join(folder, "video.mp4"), { signal }).then(() => "saved", String);
}

function stop(): void {
  writeSync(1, `${STOPPING}\n`);
  process.kill(process.pid, "SIGSTOP");
}
