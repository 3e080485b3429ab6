import { sameCommand } from "../clients/command-line.ts";
import { findTask } from "../clients/find-task.ts";
import { mustHaveKey, type CommandRun } from "../clients/run.ts";
import { lineOfRow, lineOfTask } from "../clients/task-line.ts";
import { worstOf } from "../exit-codes.ts";
import { exitCodeOfLine } from "../output/exit-of-line.ts";
import type { TaskLine } from "../output/lines.ts";

/** What each task is doing: by the journal where it has ended, else by its vendor. */
export const run: CommandRun = async ({ out, words, signal, open }) => {
  const session = await open({ needsPast: true });
  const lines: TaskLine[] = [];
  for (const word of words.flat()) {
    const { entry, ref } = await findTask(session, String(word));
    if (entry && (entry.task || !ref)) lines.push(lineOfRow(entry));
    else if (ref) {
      await mustHaveKey(session, ref.vendor, sameCommand());
      lines.push(lineOfTask(await session.router.get(ref, { signal }), entry));
    }
  }
  out.emitAll(lines);
  return worstOf(lines.map(exitCodeOfLine));
};
