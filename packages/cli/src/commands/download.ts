import { commandLine, sameCommand } from "../clients/command-line.ts";
import { findTask, nameOf } from "../clients/find-task.ts";
import { save } from "../clients/follow.ts";
import { mustHaveKey, type CommandRun } from "../clients/run.ts";
import { fileName } from "../clients/savable.ts";
import { lineOfRow, lineOfTask } from "../clients/task-line.ts";
import { EXIT } from "../exit-codes.ts";
import { exitCodeOfLine } from "../output/exit-of-line.ts";

type Options = { output?: string; index?: number };

/** Fetches the video of a task that has succeeded; it does not wait for one that runs. */
export const run: CommandRun<Options> = async ({ out, options, words, signal, next, open }) => {
  const { output, index } = options;
  const session = await open({ needsPast: true });
  const named = await findTask(session, String(words[0]));
  const { entry, ref } = named;
  const name = nameOf(named);
  if (!ref) {
    const line = entry && lineOfRow(entry);
    if (line) out.emit(line);
    return line ? exitCodeOfLine(line) : EXIT.usage;
  }
  await mustHaveKey(session, ref.vendor, sameCommand());
  const file = output ?? fileName(entry?.key ?? ref.id);
  next.again = commandLine(["download", name, "-o", file], options);
  const task = entry?.task ?? (await session.router.get(ref, { signal }));
  if (task.state !== "succeeded") {
    const line = lineOfTask(task, entry);
    out.emit(line);
    if (line.state === "running") out.say(`go on: ${commandLine(["wait", name, "-o", file], options)}`);
    return exitCodeOfLine(line);
  }
  await save(session, out, {
    task,
    file,
    signal,
    ...(index === undefined ? {} : { index }),
    ...(entry ? { key: entry.key } : {}),
  });
  return EXIT.done;
};
