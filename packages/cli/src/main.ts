// From the words of the command line to an exit code.
import { CommanderError } from "commander";
import { normalized } from "./arguments.ts";
import { runCommand } from "./clients/run.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { helpJson } from "./help-json.ts";
import type { ErrorLine } from "./output/lines.ts";
import { addCompletion, createProgram } from "./program.ts";

export async function main(given: readonly string[], version: string): Promise<ExitCode> {
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners("error").includes(loseOutput)) stream.on("error", loseOutput);
  const words = normalized(given);
  const isJson = words.includes("--json");
  let code: ExitCode = EXIT.done;
  const program = createProgram(version, async (load, args, options) => {
    code = await runCommand(load, args, options);
  });
  // commander answers a word that is no command with the whole help, and says nothing of it.
  const [first, topic = "-"] = words;
  if (first === "help" && !topic.startsWith("-") && !program.commands.some((command) => command.name() === topic))
    words.shift();
  if (isJson && words.some((word) => word === "--help" || word === "-h" || word === "help")) {
    process.stdout.write(`${helpJson(program)}\n`);
    return EXIT.done;
  }
  if (words[0] === "complete") await addCompletion(program);
  let said = "";
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeErr: (text) => (said += text), outputError: (text) => (said += text) });
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    const isKey = words.find((word) => /^--?(api-?)?(key|token)s?(=|$)/i.test(word) && /api/i.test(word));
    const hint =
      isKey === undefined ? [] : ["API keys are never taken from the command line: set the vendor's variable."];
    if (isJson) process.stdout.write(`${JSON.stringify(asLine(error, hint))}\n`);
    else process.stderr.write(asText(said, hint));
    return EXIT.usage;
  }
}

/** A reader that has gone (`| head`), or a full disk behind `>`, ends no wait and loses no video. */
function loseOutput(): void {}

const asLine = ({ message }: CommanderError, hints: string[]): ErrorLine => ({
  type: "error",
  exitCode: EXIT.usage,
  code: "usage",
  message: message.replace(/^error: /, ""),
  hints,
});

const asText = (said: string, hints: readonly string[]): string =>
  [said.replace(/^error: /, "vidtask: ").trimEnd(), ...hints.map((hint) => `  ${hint}`), ""].join("\n");
