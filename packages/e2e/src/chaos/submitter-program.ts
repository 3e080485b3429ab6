// What that process runs: submits keys over a shared journal, and may kill itself at a given step.
import { channel } from "node:diagnostics_channel";
import { each } from "@vidtask/bench/progress";
import { requestOf, vendors } from "@vidtask/bench/vendors";
import { TaskFailedError, type Clock, type Journal, type TaskRef, type VidtaskError } from "vidtask";
import { sqliteJournal } from "vidtask/node";
import { sharedClock } from "../shared-clock.ts";
import { endingOf } from "./endings.ts";
import type { Job, Said } from "./submitter.ts";
import { timedOut, REQUEST_TIMEOUT, recordSocketTimeouts } from "./timeouts.ts";

const job = JSON.parse(process.argv[2] ?? "") as Job;
const say = (said: Said) => void process.send?.(said);
const AT_ONCE = 12;

let steps = 0;
/** A step of the work, at which the process may die: before it or behind it, as the number falls. */
function step(): void {
  if (++steps === job.dieAt) process.kill(process.pid, "SIGKILL");
}

/** Every call of the journal is two steps; every paid or free request that leaves one, and every answer that begins. */
function stepping(journal: Journal, clock: Clock): Journal {
  const twice = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    const result = await work();
    step();
    return result;
  };
  return {
    durable: true,
    now: async () => clock.now(), // of all processes: their time is fast, and the file's own is not
    begin: (entry) => twice(() => journal.begin(entry)),
    update: (key, version, patch) => twice(() => journal.update(key, version, patch)),
    get: (key) => twice(() => journal.get(key)),
    findByTask: (ref) => twice(() => journal.findByTask(ref)),
    list: (filter) => journal.list(filter),
  };
}
const FREE = ["undici:client:sendHeaders", "undici:request:bodySent", "undici:request:headers"];
const PAID = ["http.client.request.created", "http.client.request.start", "http.client.response.finish"];
for (const name of [...FREE, ...PAID]) channel(name).subscribe(step);

recordSocketTimeouts();
const sqlite = sqliteJournal(job.file);
const clock = sharedClock(job.origin, job.speed);
const journal = stepping(sqlite, clock);
const client = vendors[job.vendor].create({ ...job.connection, clock, journal, requestTimeout: REQUEST_TIMEOUT });

process.once("message", async () => {
  if (job.resume !== undefined)
    for await (const resumed of client.resume({ waitTimeout: job.resume }))
      if ("open" in resumed) say({ key: resumed.idempotencyKey, open: resumed.open });
      else if ("error" in resumed) say({ key: resumed.idempotencyKey, waited: resumed.error.code });
  await each(job.keys, AT_ONCE, async (key) => {
    await client.balance?.().catch(() => {});
    const ending = await endingOf(client.submit(requestOf(job.vendor, key), { idempotencyKey: key }));
    if ("task" in ending) say({ key, taskId: ending.task.id });
    else if ("error" in ending) say({ key, code: ending.error.code, billed: ending.error.billed });
    else say({ key, odd: "odd" in ending ? ending.odd : "gone" });
    if ("task" in ending && job.wait !== undefined) await waitFor(key, ending.task, job.wait);
  });
  await client.drain();
  for (const key of timedOut) say({ key, gaveUp: true });
  say({ done: true });
  sqlite.close();
  process.disconnect();
});
say({ ready: true });

async function waitFor(key: string, task: TaskRef, timeout: number): Promise<void> {
  const error = await client.wait(task, { waitTimeout: timeout }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined && !TaskFailedError.isInstance(error))
    say({ key, waited: String((error as VidtaskError).code) });
}
