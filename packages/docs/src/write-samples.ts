import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pid } from "node:process";
import { root, sampleFolder, samples } from "./pages.ts";

/**
 * Writes every sample to its file.
 *
 * @returns a project with all that the workspace checks, and the samples
 */
export function writeSamples(): string {
  for (const { file, code } of samples) write(file, code);
  const files = [join(import.meta.dirname, "stubs.d.ts"), ...samples.map(({ file }) => file)];
  const project = join(sampleFolder, "tsconfig.json");
  write(project, JSON.stringify({ extends: join(root, ".ci/tsconfig.json"), files }));
  return project;
}

/** Whole at once: a test or a check may be reading it. */
function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const written = `${file}.${pid}`;
  writeFileSync(written, text);
  renameSync(written, file);
}
