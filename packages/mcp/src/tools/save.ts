import { access } from "node:fs/promises";
import { relative } from "node:path";
import { formatRef, type TaskRef } from "vidtask";
import { saveVideo } from "vidtask/node";
import { z } from "zod";
import type { Data } from "../answers.ts";
import { findTask, type Desk } from "../desk.ts";
import { withPatience } from "../patience.ts";
import { Refusal } from "../refusal.ts";
import { taskName } from "./status.ts";

export const saveInput = z.strictObject({
  task: taskName,
  file: z.string().optional().describe("a new .mp4 file in the server's folder; by default named for the task"),
  index: z.number().int().min(0).default(0).describe("which of its videos"),
});

/** Saves a finished video, whole or not at all. A long download goes on, and the next call tells how far it is. */
export async function save(desk: Desk, input: z.output<typeof saveInput>): Promise<Data> {
  const { jobs, folder, clock } = desk;
  const { client, ref, row } = await findTask(desk, input.task);
  if (!ref) throw new Refusal("no_task_yet", `"${input.task}" has no task yet`, "Call video_status with it first.");
  const own = ownName(ref, row?.key, input.index);
  const path = await folder.target(input.file ?? own);
  const file = relative(folder.path, path);
  const name = `save ${formatRef(ref)} ${input.index} ${path}`;
  // Under the name that is the task's own there is this video and no other; it came into place whole.
  if (!jobs.isRunning(name) && (await exists(path))) {
    if (input.file === undefined) return { saved: true, file, path, note: "it was saved before" };
    throw new Refusal("file_exists", `there is a file "${file}" already`, "Give another name; nothing is replaced.");
  }
  const far = { bytes: 0, total: undefined as number | undefined };
  const onProgress = (bytes: number, total: number | undefined) => void Object.assign(far, { bytes, total });
  const work = jobs.join(name, async (): Promise<Data> => {
    const { bytes } = await saveVideo(client, ref, path, { index: input.index, onProgress });
    return { saved: true, file, path, bytes };
  });
  return withPatience(clock, work, () => {
    return { saved: false, file, ...far, next: "The download goes on: call video_save again with the same arguments." };
  });
}

/** The key for people, and the id of the task, so that no two tasks have one name. */
function ownName({ vendor, id }: TaskRef, key: string | undefined, index: number): string {
  const plain = (text: string) => text.replace(/[^\w.-]+/g, "-").replace(/^\.+/, "");
  return `${plain(key ?? vendor)}-${plain(id)}${index > 0 ? `+${index}` : ""}.mp4`;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
