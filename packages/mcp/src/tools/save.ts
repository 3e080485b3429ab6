import { link, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatRef, type TaskRef } from "vidtask";
import { saveVideo } from "vidtask/node";
import { z } from "zod";
import type { Data } from "../answers.ts";
import { findTask, type Desk } from "../desk.ts";
import { withPatience } from "../patience.ts";
import { Refusal, shown } from "../refusal.ts";
import { taskName } from "./status.ts";

export const saveInput = z.strictObject({
  task: taskName,
  file: z.string().optional().describe("name of a new .mp4 file in the server's folder; by default made from the task"),
  index: z.number().int().min(0).default(0).describe("which of its videos, counted from 0"),
});

/** How far each download is that goes on, for the call that asks next. */
const downloads = new Map<string, { bytes: number; total: number | undefined }>();

/** Saves a finished video, whole or not at all. A long download goes on, and the next call tells how far it is. */
export async function save(desk: Desk, input: z.output<typeof saveInput>): Promise<Data> {
  const { jobs, folder, clock } = desk;
  const { client, ref, row } = await findTask(desk, input.task);
  if (!ref)
    throw new Refusal("no_task_yet", `${shown(input.task)} has no task yet`, "Call video_status with it first.");
  const { index } = input;
  const own = ownName(ref, row?.key, index);
  const { path, file } = await folder.target(input.file ?? own);
  const job = `save ${formatRef(ref)} ${index} ${path}`;
  // Under the name that is the task's own there is this video and no other; it came into place whole.
  const before = jobs.isRunning(job) ? undefined : await bytesAt(path);
  if (before !== undefined) {
    if (input.file === undefined) return { saved: true, file, path, bytes: before, note: "it was saved before" };
    throw taken(file);
  }
  const onProgress = (bytes: number, total: number | undefined) => void downloads.set(job, { bytes, total });
  const work = jobs.join(job, "", async (): Promise<Data> => {
    try {
      // Another agent may be saving under the same name: only a name of the task's own can be written over.
      const whole = input.file === undefined ? path : join(dirname(path), `.vidtask-${own}`);
      const { bytes } = await saveVideo(client, ref, whole, { index, onProgress });
      if (whole !== path) await moveTo(path, whole, taken(file));
      return { saved: true, file, path, bytes };
    } finally {
      downloads.delete(job);
    }
  });
  return withPatience(clock, work, () => {
    const far = downloads.get(job) ?? { bytes: 0 };
    return { saved: false, file, ...far, next: "The download goes on: call video_save again with the same arguments." };
  });
}

const taken = (file: string): Refusal =>
  new Refusal("file_exists", `the file ${shown(file)} already exists`, "Give another name; no file is replaced.");

/** A rename that replaces nothing. @throws `there` when there is something */
async function moveTo(path: string, from: string, there: Refusal): Promise<void> {
  try {
    await link(from, path);
    await rm(from);
  } catch (error) {
    // A file system without links can only be asked before.
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST" || (await bytesAt(path)) !== undefined;
    if (!isThere) return rename(from, path);
    await rm(from, { force: true });
    throw there;
  }
}

/** The key for people, and the id of the task, so that no two tasks have one name. */
function ownName({ vendor, id }: TaskRef, key: string | undefined, index: number): string {
  const plain = (text: string) => text.replace(/[^\w.-]+/g, "-").replace(/^\.+/, "");
  return `${plain(key ?? vendor)}-${plain(id)}${index > 0 ? `+${index}` : ""}.mp4`;
}

/** How much is there; nothing where there is no file. */
const bytesAt = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
