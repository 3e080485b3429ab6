import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pid } from "node:process";
import { samples } from "./pages.ts";

/** Writes every sample to its file, whole at once: another test file may be reading it. */
export function writeSamples(): void {
  for (const { file, code } of samples) {
    mkdirSync(dirname(file), { recursive: true });
    const written = `${file}.${pid}`;
    writeFileSync(written, code);
    renameSync(written, file);
  }
}
