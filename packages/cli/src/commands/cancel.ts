import { sameCommand } from "../clients/command-line.ts";
import { findTask } from "../clients/find-task.ts";
import { mustHaveKey, type CommandRun } from "../clients/run.ts";
import { lineOfTask } from "../clients/task-line.ts";
import { EXIT } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { isVendor } from "../vendors.ts";

type Options = { destroy?: boolean };

/** Stops a task, where its vendor can. */
export const run: CommandRun<Options> = async ({ out, options, words, signal, open }) => {
  const session = await open({ needsPast: true });
  const { name, entry, ref } = await findTask(session, String(words[0]));
  if (!ref) throw new UsageError(`${name} has no task: there is nothing to cancel`);
  const client = isVendor(ref.vendor) ? session.clients[ref.vendor] : undefined;
  if (!client?.cancel)
    throw new UsageError(`${ref.vendor} documents no way to cancel a task`, [
      "The task runs on, and costs what it costs.",
    ]);
  await mustHaveKey(session, ref.vendor, sameCommand());
  const task = await client.cancel(ref, { signal, ...(options.destroy ? { destroy: true } : {}) });
  out.emit(lineOfTask(task, entry));
  return EXIT.done;
};
