// Whether a video can be saved where it is to go: looked at before it is paid for.
import { lstat, open, readlink, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../usage-error.ts";

/** Of the 255 bytes of most file systems, those beside it for drafts and locks left free. */
export const MAX_FILE_NAME = 200;

/** A file name on every system, so that no two keys have one file. */
export const fileName = (name: string): string =>
  `${name
    .replace(/[^\p{L}\p{N} ._-]/gu, encodeURIComponent)
    .replace(/^\./, "%2E")
    .replaceAll("*", "%2A")}.mp4`;

/**
 * Writes and removes a file beside the target, or in the nearest folder above it that is there. `option` is the one that names it.
 *
 * @throws UsageError
 */
export async function mustBeSavable(file: string, option = "-o <file>"): Promise<void> {
  const target = resolve(file);
  const cannot = (why: string) =>
    new UsageError(`${file} cannot be written (${why}); nothing was sent`, [`Choose another place with ${option}.`]);
  if (Buffer.byteLength(basename(target)) > MAX_FILE_NAME) throw cannot(`its name is over ${MAX_FILE_NAME} bytes long`);
  if (/[/\\]$/.test(file) || (await isFolder(target))) throw cannot("it is a folder");
  if (await isNoPlainFile(target)) throw cannot("what is there is no plain file");
  let folder = dirname(target);
  while (!(await isThere(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const probe = join(folder, `.vidtask-${process.pid}`);
  try {
    await (await open(probe, "wx")).close();
    await unlink(probe);
  } catch (error) {
    throw cannot((error as NodeJS.ErrnoException).code ?? "no reason given");
  }
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** A device, a pipe, a socket: to read it, or to put a file in its place, is not what was meant. So is a link to one, as `/dev/stdout`. */
async function isNoPlainFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isSymbolicLink()) return found?.isFile() === false;
  const led = await stat(path).catch(() => undefined);
  return led?.isFile() === false || (await readlink(path)).startsWith("/proc/");
}
