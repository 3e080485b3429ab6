import { join } from "node:path";
import type { ResumeResult } from "vidtask";
import { commandLine } from "../clients/command-line.ts";
import { save } from "../clients/follow.ts";
import type { CommandRun, Run } from "../clients/run.ts";
import { fileName } from "../clients/savable.ts";
import type { Session } from "../clients/session.ts";
import { lineOfRow, lineOfTask } from "../clients/task-line.ts";
import { EXIT, worstOf, type ExitCode } from "../exit-codes.ts";
import { exitCodeOfLine } from "../output/exit-of-line.ts";
import { exitCodeOf, explain, toSettle } from "../output/explain.ts";

type Options = { output?: string; waitTimeout?: number; poll?: number };

/** Every open task of the journal, as it ends; sends no paid request. */
export const run: CommandRun<Options> = async (run) => {
  const { out, options, signal, next } = run;
  const { waitTimeout, poll } = options;
  const session = await run.open({ needsPast: true });
  next.again = commandLine(["resume", ...(options.output === undefined ? [] : ["-o", options.output])], options);
  const codes: ExitCode[] = [];
  const items = session.router.resume({
    signal,
    ...(waitTimeout === undefined ? {} : { waitTimeout }),
    ...(poll === undefined ? {} : { poll: { first: poll, interval: Math.max(1, poll) } }),
  });
  for await (const item of items) codes.push(await tell(run, session, item));
  if (signal.aborted) {
    out.emit({ type: "error", exitCode: EXIT.interrupted, code: "aborted", message: "stopped", next: next.again });
    return EXIT.interrupted;
  }
  if (codes.length === 0) out.say("nothing is open");
  return worstOf(codes);
};

async function tell(
  { out, options, signal, next }: Run<Options>,
  session: Session,
  item: ResumeResult,
): Promise<ExitCode> {
  const { idempotencyKey: key } = item;
  if ("error" in item) {
    const code = exitCodeOf(item.error);
    if (code === EXIT.interrupted) return code;
    out.emit(explain(item.error, { again: commandLine(["wait", key], options) }));
    return code === EXIT.usage ? EXIT.open : code;
  }
  const entry = await session.journal.get(key);
  if ("open" in item) return tellOpen(out, item, next.where);
  const line = lineOfTask(item.task, entry);
  out.emit(line);
  if (options.output === undefined || item.task.state !== "succeeded") return exitCodeOfLine(line);
  try {
    await save(session, out, { task: item.task, file: join(options.output, fileName(key)), signal, key });
    return EXIT.done;
  } catch (error) {
    const file = join(options.output, fileName(key));
    out.emit(explain(error, { again: commandLine(["download", key, "-o", file], options) }));
    return exitCodeOf(error);
  }
}

function tellOpen(
  out: Run["out"],
  { open, idempotencyKey: key, entry }: Extract<ResumeResult, { open: unknown }>,
  where: string | undefined,
): ExitCode {
  const line = lineOfRow(entry);
  out.emit(line);
  switch (open) {
    case "unknown":
      for (const hint of toSettle(key, where)) out.say(`  ${hint}`);
      return EXIT.unknown;
    case "not-sent":
      out.say(`  nothing was sent for ${key}: submit it again under this key`);
      return EXIT.open;
    case "in-flight":
      out.say(`  a process is sending ${key}, or died less than three minutes ago: resume again later`);
      return EXIT.open;
    default:
      out.say(`  ${key} belongs to another account of ${entry.vendor}: resume with that account's API key`);
      return EXIT.open;
  }
}
