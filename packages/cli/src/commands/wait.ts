import { commandLine, sameCommand } from "../clients/command-line.ts";
import { endOf } from "../clients/ends.ts";
import { findTask, nameOf } from "../clients/find-task.ts";
import { save } from "../clients/follow.ts";
import { mustHaveKey, type CommandRun } from "../clients/run.ts";
import { lineOfRow, lineOfTask } from "../clients/task-line.ts";
import { EXIT } from "../exit-codes.ts";
import { exitCodeOfLine } from "../output/exit-of-line.ts";
import { expectedTime } from "../request/expected.ts";

type Options = { output?: string; waitTimeout?: number; poll?: number };

/** Waits for a task, and saves its video where it is told to. */
export const run: CommandRun<Options> = async ({ out, options, words, signal, next, open }) => {
  const { output, waitTimeout, poll } = options;
  const session = await open({ needsPast: true });
  const named = await findTask(session, String(words[0]));
  const { entry, ref } = named;
  const name = nameOf(named);
  next.again = commandLine(["wait", name, ...(output === undefined ? [] : ["-o", output])], options);
  if (!ref) {
    // There is no task to wait for: what the key stands for is all there is to say.
    const line = entry && lineOfRow(entry);
    if (line) out.emit(line);
    if (line?.state === "unknown" || line?.state === "sending")
      out.say(`go on: ${commandLine(["resume"], options)}, or vidtask settle ${name} …`);
    return line ? exitCodeOfLine(line) : EXIT.usage;
  }
  const ended = entry?.task;
  if (!ended || output !== undefined) await mustHaveKey(session, ref.vendor, sameCommand());
  const expected = expectedTime(session, ref, entry);
  const done = await endOf(session, out, ended, { ref, key: entry?.key, expected, signal, waitTimeout, poll });
  if (output === undefined) out.emit(lineOfTask(done, entry));
  else await save(session, out, { task: done, file: output, signal, ...(entry ? { key: entry.key } : {}) });
  return EXIT.done;
};
