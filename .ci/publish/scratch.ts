// What must be gone when a program ends, however it ends: Ctrl-C leaves nothing behind.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const works = new Set<() => void>();
let isListening = false;

/** Registers what to undo, synchronously; the returned function takes it back. */
export function atEnd(work: () => void): () => void {
  if (!isListening) {
    isListening = true;
    process.once("exit", () => {
      for (const undo of works) undo();
    });
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const)
      process.once(signal, () => process.exit(code));
  }
  works.add(work);
  return () => works.delete(work);
}

/** A folder that is gone when the program ends. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), `vidtask-${name}-`));
  // Retries: what is being ended may still write.
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}
