// Files that callers uploaded, by the path at which a vendor's file host has them.
import type { Bytes } from "../network/body.ts";

/** A place for a file that was announced and may have been written. Times are wall-clock milliseconds. */
export interface StoredFile {
  readonly contentType: string;
  readonly writableUntil: number;
  readonly content?: { readonly bytes: Bytes; readonly storedAt: number };
}

export interface Files {
  get(path: string): StoredFile | undefined;
  put(path: string, file: StoredFile): void;
  reset(): void;
}

/** The oldest files go when all together are larger, so that a long-running emulator does not grow. */
const MAX_BYTES = 2 ** 28;
const MAX_FILES = 10_000;

export function createFiles(): Files {
  const files = new Map<string, StoredFile>();
  let size = 0;
  const remove = (path: string) => {
    size -= files.get(path)?.content?.bytes.byteLength ?? 0;
    files.delete(path);
  };
  return {
    get: (path) => files.get(path),
    put(path, file) {
      remove(path);
      files.set(path, file);
      size += file.content?.bytes.byteLength ?? 0;
      for (const oldest of files.keys()) {
        if ((size <= MAX_BYTES && files.size <= MAX_FILES) || oldest === path) break;
        remove(oldest);
      }
    },
    reset() {
      files.clear();
      size = 0;
    },
  };
}
