import { commandLine } from "../clients/command-line.ts";
import { endOf } from "../clients/ends.ts";
import { save } from "../clients/follow.ts";
import type { CommandRun } from "../clients/run.ts";
import { fileName, mustBeSavable } from "../clients/savable.ts";
import { EXIT } from "../exit-codes.ts";
import { submitRequest, type SubmitOptions } from "../request/submit.ts";

type Options = SubmitOptions & { output?: string; waitTimeout?: number; poll?: number };

/** Submits, waits and saves. */
export const run: CommandRun<Options> = async (run) => {
  const { out, options, signal, next } = run;
  const wanted = options.output ?? (options.key === undefined ? undefined : fileName(options.key));
  if (wanted !== undefined) await mustBeSavable(wanted);
  const session = await run.open();
  const { task, key, expected } = await submitRequest(run, session);
  const file = wanted ?? fileName(key);
  // An emulator of its own ends with this command, and its tasks with it.
  next.again = session.emulated?.isEmbedded ? next.repeat : commandLine(["wait", key, "-o", file], options);
  const { waitTimeout, poll } = options;
  const done = await endOf(session, out, task, { ref: task, key, expected, signal, waitTimeout, poll });
  await save(session, out, { task: done, file, signal, key });
  return EXIT.done;
};
