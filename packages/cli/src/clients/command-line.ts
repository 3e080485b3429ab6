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

/** The words of this run, with `--key` where it has none: run again, it pays for nothing twice. */
export function sameCommand(key?: string): string {
  const words = process.argv.slice(2);
  const isKeyed = words.some((word) => /^(--key(=|$)|-k)/.test(word));
  return ["vidtask", ...words, ...(key === undefined || isKeyed ? [] : ["--key", key])].map(quoted).join(" ");
}
