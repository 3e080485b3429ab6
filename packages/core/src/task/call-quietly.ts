/**
 * Calls a function of the program's whose result matters to nothing here. What it throws, or rejects with later, is not
 * passed on: it would end a paid submit or a download, or the whole process.
 */
export function callQuietly(call: () => unknown): void {
  try {
    // Any thenable: promises of other realms and libraries are no `Promise`.
    Promise.resolve(call()).catch(() => {});
  } catch {
    // It is the program's own.
  }
}
