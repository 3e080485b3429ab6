// Whether a video can be saved where it is to go, and what stands there: seen before the first byte, not after the last.
import type { Stats } from "node:fs";
import { access, constants, lstat, readlink, stat } from "node:fs/promises";
import { basename, dirname, sep } from "node:path";
import { makeFolder } from "./make-folder.ts";

const STICKY = 0o1000;

/** The target cannot be written, today or tomorrow: another path, or other permissions, are needed. */
export class UnusableTarget extends Error {
  override name = "UnusableTarget";
}

// What the system says of a path that stays as it is. A full disk or too many open files may be otherwise next time.
const LASTING: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EEXIST",
  "EINVAL",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENODEV",
  "ENOENT",
  "ENOTDIR",
  "ENOTSUP",
  "ENXIO",
  "EPERM",
  "EROFS",
]);

/** Runs a step that writes at or beside the target. @throws UnusableTarget for a fault that lasts, else what it throws */
export async function atTarget<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    throw LASTING.has(code) ? new UnusableTarget(String(message), { cause: error }) : error;
  }
}

/** Looks, and changes nothing. `path` as the caller wrote it. @throws UnusableTarget */
export async function checkTarget(path: string, target: string): Promise<void> {
  if (path.endsWith("/") || path.endsWith(sep)) throw new UnusableTarget("the path is that of a folder");
  if (!basename(target)) throw new UnusableTarget("the path is that of a folder");
  await atTarget(checkPlace(target));
  let folder = dirname(target);
  while (!(await isThere(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  await atTarget(access(folder, constants.W_OK | constants.X_OK));
}

/** Makes the folder. Returns the mode of the file that is to be replaced. @throws UnusableTarget */
export async function prepareTarget(target: string): Promise<number | undefined> {
  await atTarget(makeFolder(dirname(target)));
  return atTarget(checkPlace(target)); // now the system can say whether it takes the name
}

async function checkPlace(target: string): Promise<number | undefined> {
  const found = await statOf(lstat(target));
  if (!found) return undefined;
  // A link is replaced, not followed; but for one to a folder, a device or a pipe, which is meant to be one.
  const meant = found.isSymbolicLink() ? await statOf(stat(target)) : found;
  if (meant?.isDirectory()) throw new UnusableTarget("there is a folder of that name");
  // `/dev/stdout` of a program whose output goes into a file leads to a plain file.
  if (meant?.isFile() === false || (meant !== found && (await readlink(target)).startsWith("/proc/")))
    throw new UnusableTarget("what is there is no plain file");
  const folder = await stat(dirname(target));
  const uid = process.getuid?.();
  const isSticky = (folder.mode & STICKY) !== 0;
  if (isSticky && uid !== 0 && uid !== folder.uid && uid !== found.uid)
    throw new UnusableTarget("the file there belongs to another user, and its folder keeps it for that one");
  return found.isFile() ? found.mode & 0o777 : undefined;
}

const isThere = (path: string): Promise<boolean> => statOf(stat(path)).then(Boolean);

/** Nothing where nothing is. */
const statOf = (work: Promise<Stats>): Promise<Stats | undefined> =>
  work.catch((error: { code?: unknown }) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
