// The one folder in which an agent may read pictures and write videos.
import { openAsBlob } from "node:fs";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { Refusal } from "./refusal.ts";

const PICTURES_AND_VIDEOS: { readonly [ending: string]: string } = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
  ".mp4": "video/mp4",
  ".mov": "video/quicktime",
};

export type Folder = {
  readonly path: string;
  /** A new `.mp4` file below the folder. @throws Refusal for any other name */
  target(name: string): Promise<string>;
  /** A picture or a video: an https or data URL as it stands, or a file below the folder. @throws Refusal */
  media(name: string, field: string): Promise<string | Blob>;
};

export function createFolder(path: string): Folder {
  const top = resolve(path);

  /** Where a name leads to, links followed. It must be below the folder, and so must every folder on the way. */
  async function inside(name: string): Promise<string> {
    const outside = new Refusal(
      "outside_folder",
      `"${name.slice(0, 200)}" is not below the folder that this server may use`,
      `Give a path relative to it. A person may start the server with another VIDTASK_MCP_FOLDER.`,
    );
    if (name === "" || name.includes("\0")) throw outside;
    await mkdir(top, { recursive: true });
    const root = await realpath(top);
    // On Windows a name like `C:x` or `\\host\x` is relative to nothing here.
    const wanted = isAbsolute(name) ? resolve(name) : resolve(root, name);
    const real = await realDeepest(wanted);
    const way = relative(root, real);
    if (way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) throw outside;
    return real;
  }

  return {
    path: top,
    async target(name) {
      const real = await inside(name);
      if (extname(real).toLowerCase() !== ".mp4")
        throw new Refusal("not_a_video_file", `"${name}" does not end in .mp4`, "Give a file name that ends in .mp4.");
      return real;
    },
    async media(name, field) {
      if (/^(https:|data:|http:)/i.test(name)) return name;
      const real = await inside(name);
      const type = PICTURES_AND_VIDEOS[extname(real).toLowerCase()];
      const isFile = await lstat(real).then(
        (found) => found.isFile(),
        () => false,
      );
      if (!isFile || type === undefined)
        throw new Refusal(
          "no_such_file",
          `${field}: there is no picture or video "${name}" in the folder`,
          `Give an https URL, or a file of the folder that ends in ${Object.keys(PICTURES_AND_VIDEOS).join(", ")}.`,
        );
      return openAsBlob(real, { type });
    },
  };
}

/** The real path of what is there, and below it the names of what is not. A dangling link counts as leading out. */
async function realDeepest(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return sep;
    const isDangling = await lstat(path).then(
      () => true,
      () => false,
    );
    const parent = dirname(path);
    if (isDangling || parent === path) return sep;
    return join(await realDeepest(parent), path.slice(parent.endsWith(sep) ? parent.length : parent.length + 1));
  }
}
