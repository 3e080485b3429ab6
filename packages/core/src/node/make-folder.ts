// Folders are made one by one. Node's own `recursive` goes round for ever where a system says that there is no parent although
// there is one, as that of `/proc` does: a call that never ends, or a thread that is lost.
import { mkdirSync, statSync, type Stats } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Makes a folder and those above it, where they are missing. @throws Error that names the one that cannot be made */
export function makeFolderSync(path: string, mode?: number): void {
  const folder = resolve(path);
  if (folderIn(() => statSync(folder))) return;
  if (dirname(folder) !== folder) makeFolderSync(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!folderIn(() => statSync(folder))) throw unmade(folder, error);
  }
}

/** The same, without keeping the program waiting. */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  const isThere = async () => isFolder(await stat(folder).catch(() => undefined));
  if (await isThere()) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    if (!(await isThere())) throw unmade(folder, error);
  }
}

const isFolder = (found: Stats | undefined): boolean => found?.isDirectory() === true;

function folderIn(look: () => Stats): boolean {
  try {
    return isFolder(look());
  } catch {
    return false;
  }
}

/** With the system's code, by which others judge it. */
function unmade(folder: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = `the folder ${folder} cannot be made: give a path where one can be (${message})`;
  return Object.assign(new Error(words, { cause: error }), { code });
}
