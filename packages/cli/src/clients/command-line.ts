// Commands that are printed for the user to go on with: the whole line, as a shell takes it.
import type { CommonOptions } from "../config/settings.ts";
import { quoted } from "../output/format.ts";

/** `vidtask wait row-17 -o clip.mp4`, with the options that say where the task is remembered. */
export function commandLine(words: readonly (string | undefined)[], common: CommonOptions): string {
  const { emulate, journal, config } = common;
  const where = [
    ...(emulate === undefined ? [] : [emulate === "" ? "--emulate" : `--emulate=${emulate}`]),
    ...(journal === undefined ? [] : ["--journal", journal]),
    ...(config === undefined ? [] : ["--config", config]),
  ];
  return ["vidtask", ...words, ...where]
    .filter((word) => word !== undefined)
    .map(quoted)
    .join(" ");
}

/** The words of this run, with the key that was drawn for it, if one was: run again, it pays for nothing twice. */
export function sameCommand(drawnKey?: string): string {
  const words = process.argv.slice(2);
  const end = words.indexOf("--"); // what follows it is no option
  const key = drawnKey === undefined ? [] : ["--key", drawnKey];
  return ["vidtask", ...words.toSpliced(end < 0 ? words.length : end, 0, ...key)].map(quoted).join(" ");
}
