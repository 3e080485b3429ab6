// Pictures and videos: as URLs, or as files of this machine.
import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { extname, isAbsolute, resolve } from "node:path";
import { UsageError } from "../usage-error.ts";

const TYPES: { readonly [extension: string]: string } = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
  ".mp4": "video/mp4",
  ".m4v": "video/mp4",
  ".mov": "video/quicktime",
  ".webm": "video/webm",
};

/**
 * A URL as it stands; anything else is a file, beside `base` where its path is relative.
 *
 * @throws UsageError for a file that is not there, or of an unknown kind. `where` names the option or the column.
 */
export async function readMedia(text: string, where: string, base = process.cwd()): Promise<string | Blob> {
  if (/^(https?|data):/i.test(text)) return text;
  const path = isAbsolute(text) ? text : resolve(base, text);
  const type = TYPES[extname(path).toLowerCase()];
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) throw new UsageError(`${where}: there is no file ${path}`, ["Give a URL, or the path of a file."]);
  if (!type)
    throw new UsageError(`${where}: ${path} has an unknown file extension`, [
      `Known are ${Object.keys(TYPES).join(", ")}.`,
    ]);
  return openAsBlob(path, { type });
}
