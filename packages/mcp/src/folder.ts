// The one folder in which an agent may read pictures and write videos.
import { openAsBlob } from "node:fs";
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { Refusal, shown } from "./refusal.ts";

const PICTURES_AND_VIDEOS: { readonly [ending: string]: string } = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
  ".mp4": "video/mp4",
  ".mov": "video/quicktime",
};

export type Folder = {
  /** A new `.mp4` file below the folder: its whole path, links followed, and its name in the folder. @throws Refusal for any other name */
  target(name: string): Promise<{ path: string; file: string }>;
  /** A picture or a video: an https or data URL as it stands, or a file below the folder. @throws Refusal */
  media(name: string, field: string): Promise<string | Blob>;
};

export function createFolder(path: string): Folder {
  const top = resolve(path);

  /** Where a name leads to, links followed. It must be below the folder, and so must every folder on the way. */
  async function inside(name: string): Promise<{ real: string; file: string }> {
    const outside = new Refusal(
      "outside_folder",
      `${shown(name)} is outside the folder that this server may use`,
      "Give a path relative to it. A person may start the server with another VIDTASK_MCP_FOLDER.",
    );
    if (name === "") throw outside;
    if (IS_NO_PATH.test(name) || name.length > 1_000) throw unusable(name, "is not a path in the folder");
    // It is made with the first video.
    const root = await realDeepest(top).catch(() => undefined);
    if (root === undefined)
      throw new Refusal(
        "unusable_folder",
        "the folder that this server may use is a broken link",
        "A person has to start the server with another VIDTASK_MCP_FOLDER.",
      );
    // On Windows a name like `C:x` or `\\host\x` is relative to nothing here.
    const wanted = isAbsolute(name) ? resolve(name) : resolve(root, name);
    // What is elsewhere is not even looked at.
    if (!isBelow(root, wanted) && !isBelow(top, wanted)) throw outside;
    const real = await realDeepest(wanted).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ELOOP" ? outside : unusable(name, `cannot be a file (${error.code ?? "no reason given"})`);
    });
    if (real === undefined || !isBelow(root, real)) throw outside;
    return { real, file: relative(root, real) };
  }

  return {
    async target(name) {
      const { real, file } = await inside(name);
      if (extname(real).toLowerCase() !== ".mp4")
        throw new Refusal(
          "not_a_video_file",
          `${shown(name)} does not end in .mp4`,
          "Give a file name that ends in .mp4.",
        );
      return { path: real, file };
    },
    async media(name, field) {
      if (/^(https:|data:|http:)/i.test(name)) return name;
      const { real } = await inside(name);
      const type = PICTURES_AND_VIDEOS[extname(real).toLowerCase()];
      const isFile = await lstat(real).then(
        (found) => found.isFile(),
        () => false,
      );
      if (!isFile || type === undefined)
        throw new Refusal(
          "no_such_file",
          `${field}: there is no picture or video ${shown(name)} in the folder`,
          `Give an https URL, or a file of the folder that ends in ${Object.keys(PICTURES_AND_VIDEOS).join(", ")}.`,
        );
      return openAsBlob(real, { type });
    },
  };
}

// A control character or half a surrogate pair is a name that nobody can type; `~` and a scheme lead elsewhere by custom.
const IS_NO_PATH = /[\p{Cc}\p{Cs}]|^~(?:[/\\]|$)|^[a-z][a-z\d+.-]*:\/\//iu;

const unusable = (name: string, why: string): Refusal =>
  new Refusal(
    "unusable_file_name",
    `${shown(name)} ${why}`,
    "Give a plain name such as clip.mp4 or trailers/clip.mp4.",
  );

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The real path of what is there, and below it the names of what is not; nothing for a link that leads nowhere. */
async function realDeepest(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const isDangling = await lstat(path).then(
      () => true,
      () => false,
    );
    const parent = dirname(path);
    if (isDangling || parent === path) return undefined;
    const above = await realDeepest(parent);
    return above === undefined ? undefined : join(above, basename(path));
  }
}
