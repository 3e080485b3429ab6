// One command from its options to its exit code: what it opened is closed, and what it threw is said.
import type { CommonOptions } from "../config/settings.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { onInterrupt, orStop } from "../interrupt.ts";
import { explain, type Next } from "../output/explain.ts";
import { createOutput, type Output } from "../output/output.ts";
import { UsageError } from "../usage-error.ts";
import { commandLine } from "./command-line.ts";
import type { Session, SessionOptions } from "./session.ts";

/** What a command is given. */
export type Run<Options = object> = {
  readonly out: Output;
  /** Its own options, and those that every command takes. */
  readonly options: Options & CommonOptions;
  /** Its arguments. */
  readonly words: readonly unknown[];
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** How it goes on after an error; a command fills it in as it gets on. */
  readonly next: Next;
  /** Clients and journal, closed when the command has ended. */
  open(options?: SessionOptions): Promise<Session>;
};

/** A command: what `src/commands/*.ts` export as `run`. */
export type CommandRun<Options = object> = (run: Run<Options>) => Promise<ExitCode>;

/** A paid request that has left is waited for, so that its answer is in the journal; this is when to say so. */
const PATIENCE = 300;

export async function runCommand(
  load: () => Promise<{ run: CommandRun<never> }>,
  words: readonly unknown[],
  options: CommonOptions,
): Promise<ExitCode> {
  const out = createOutput(options);
  const interrupt = onInterrupt();
  const sessions: Session[] = [];
  const run: Run = {
    out,
    options,
    words,
    signal: interrupt.signal,
    next: { where: commandLine([], options).replace("vidtask", "") },
    async open(given) {
      mustBeNew();
      const { openSession } = await import("./session.ts");
      const session = await orStop(interrupt.signal, openSession(options, out, given));
      sessions.push(session);
      return session;
    },
  };
  let code: ExitCode;
  try {
    const command = await load();
    code = await (command.run as CommandRun)(run);
  } catch (error) {
    const line = explain(error, run.next);
    code = line.exitCode as ExitCode;
    if (code === EXIT.fault && out.isVerbose) out.say(String((error as Error | undefined)?.stack));
    out.emit(line);
  }
  const timer = setTimeout(() => {
    out.say("a paid request is under way: waiting for its answer, at most two minutes; Ctrl-C again ends at once");
  }, PATIENCE);
  await Promise.allSettled(sessions.map((session) => session.close()));
  clearTimeout(timer);
  interrupt.release();
  return code;
}

/** `--help`, `models`, `plan` and `compare` run on older ones, too. @throws UsageError */
function mustBeNew(): void {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return;
  throw new UsageError(`this needs Node 22.13 or newer, but runs on Node ${node}`, ["Nothing was sent."]);
}

/** The vendor has to have a key. @throws UsageError that names `--emulate` */
export async function mustHaveKey(session: Session, vendor: string, command: string): Promise<void> {
  if ((session.keyed as readonly string[]).includes(vendor)) return;
  const { missingKey } = await import("./session.ts");
  if (session.emulated) throw new UsageError(`${session.emulated.url} does not emulate ${vendor}`);
  throw missingKey([vendor], session.settings, command);
}
