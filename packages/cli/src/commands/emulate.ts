import type { CommandRun } from "../clients/run.ts";
import type { ExitCode } from "../exit-codes.ts";

type Options = {
  port?: string;
  fast?: boolean;
  vendors?: string;
  credits?: string;
  faults?: string;
  seed?: string;
  quiet?: boolean;
};

/** The program `vidtask-emulator`, in this process. */
export const run: CommandRun<Options> = async ({ options }) => {
  const { fast, quiet, port, vendors, credits, faults, seed } = options;
  const given = Object.entries({ port, vendors, credits, faults, seed });
  const words = [
    ...given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...(fast ? ["--fast"] : []),
    ...(quiet ? ["--quiet"] : []),
  ];
  // It reads its words where every program does.
  process.argv = [process.execPath, "vidtask emulate", ...words];
  const entry = import.meta.resolve("@vidtask/emulator");
  await import(entry.replace(/index(\.\w+)$/, "cli$1"));
  return Number(process.exitCode ?? 0) as ExitCode;
};
