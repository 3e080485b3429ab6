// `--help --json`: all commands as data, for programs and agents that call this one.
import type { Command, Option } from "commander";
import { EXIT_MEANS } from "./exit-codes.ts";

const optionSchema = (option: Option) => ({
  flags: option.flags,
  name: option.attributeName(),
  description: option.description,
  ...(option.required ? { value: "required" } : option.optional ? { value: "optional" } : {}),
  ...(option.argChoices ? { choices: option.argChoices } : {}),
  ...(option.defaultValue === undefined ? {} : { default: option.defaultValue as unknown }),
});

const commandSchema = (command: Command) => ({
  name: command.name(),
  description: command.description(),
  arguments: command.registeredArguments.map((argument) => ({
    name: argument.name(),
    description: argument.description,
    required: argument.required,
    variadic: argument.variadic,
    ...(argument.argChoices ? { choices: argument.argChoices } : {}),
  })),
  options: command.options.map(optionSchema),
});

export const helpJson = (program: Command): string =>
  JSON.stringify({
    name: program.name(),
    version: program.version(),
    description: program.description(),
    options: program.options.map(optionSchema),
    commands: program.commands.map(commandSchema),
    exitCodes: EXIT_MEANS,
    output: "with --json one object a line, told apart by `type`; their types are exported by @vidtask/cli",
  });
