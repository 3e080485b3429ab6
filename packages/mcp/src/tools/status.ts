import type { ServerContext } from "@modelcontextprotocol/server";
import { formatRef, WaitTimeoutError, type Task } from "vidtask";
import { z } from "zod";
import { taskView, type Data } from "../answers.ts";
import { findTask, type Desk, type Found } from "../desk.ts";
import { PATIENCE_MS, withPatience } from "../patience.ts";

export const taskName = z.string().min(1).describe("the idempotency key, or the ref: vendor:model:id");

export const statusInput = z.strictObject({
  task: taskName,
  waitSeconds: z.number().min(0).max(25).default(20).describe("how long to wait for the end"),
});

/** The state of a task; waits for its end, for at most 25 s. */
export async function status(
  desk: Desk,
  { task: name, waitSeconds }: z.output<typeof statusInput>,
  { mcpReq }: Pick<ServerContext, "mcpReq">,
): Promise<Data> {
  const waitMs = Math.min(waitSeconds * 1000, PATIENCE_MS);
  // What becomes of the submit is in the journal.
  if (desk.jobs.isRunning(name)) await withPatience(desk.clock, desk.jobs.settled(name), () => {}, waitMs);
  const found = await findTask(desk, name);
  const { ref, row } = found;
  if (!ref) return withoutTask(name, found, desk.jobs.isRunning(name));
  if (row?.task?.state === "succeeded" || row?.task?.state === "failed") return taskView(row.task, row);
  const task = await follow(desk, found, waitMs, mcpReq);
  return taskView(task, (await desk.journal.findByTask(ref)) ?? row);
}

/** The latest of the task within the time; asks at least once. */
async function follow(
  desk: Desk,
  { client, ref }: Found,
  waitTimeout: number,
  { signal, notify, _meta }: ServerContext["mcpReq"],
): Promise<Task> {
  if (!ref) throw new TypeError("a task without a ref cannot be followed");
  const progressToken = _meta?.progressToken;
  const started = desk.clock.elapsed();
  let latest: Task | undefined;
  if (waitTimeout === 0) return client.get(ref, { signal });
  try {
    for await (const task of client.watch(ref, { waitTimeout, signal })) {
      latest = task;
      const progress = Math.round((desk.clock.elapsed() - started) / 1000);
      const message = `${formatRef(ref)} is ${task.state}`;
      if (progressToken !== undefined)
        await notify({ method: "notifications/progress", params: { progressToken, progress, message } }).catch(
          () => {},
        );
    }
  } catch (error) {
    if (!(WaitTimeoutError.isInstance(error) && latest)) throw error;
  }
  return latest ?? client.get(ref, { signal });
}

/** A submit whose answer is not there: it may be on its way, lost, or refused. */
function withoutTask(name: string, { row }: Found, isOurs: boolean): Data {
  const view = { idempotencyKey: row?.key ?? name, vendor: row?.vendor, model: row?.model };
  switch (row?.state) {
    case "refused":
    case "lost":
      return { ...view, state: "not submitted", reason: row.error, next: "Nothing runs. It may be submitted again." };
    case "begun":
    case "sending":
      return {
        ...view,
        state: isOurs ? "submitting" : "submitting, in another process or in one that has ended",
        next: "Call video_status again in a minute. Do not submit it under another key.",
      };
    default:
      return {
        ...view,
        state: "unknown",
        unconfirmedTaskId: row?.unconfirmedTaskId,
        next: "It may have been accepted and paid for. Do not submit it under another key. A person can look at the vendor's dashboard and settle it: vidtask settle",
      };
  }
}
