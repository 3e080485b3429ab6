// A folder for a run's files, gone when the run ends, however it ends.
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "@vidtask/bench/progress";

export type Scratch = { file(name: string): string; remove(): void };

/** In memory where there is such a place: a process that dies loses nothing there, and a disk's syncs cost more than the run. */
export function scratchFolder(): Scratch {
  const folder = mkdtempSync(join(memory(), "vidtask-chaos-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const forget = onInterrupt(remove);
  return {
    file: (name) => join(folder, name),
    remove() {
      forget();
      remove();
    },
  };
}

function memory(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}
