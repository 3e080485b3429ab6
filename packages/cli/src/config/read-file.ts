// A file, or a pipe in its place: `<(pass show vidtask)`.
import { constants, openSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";

/**
 * All of it. A device is refused: `/dev/zero` has no end. @throws Error with the system's code
 */
export async function readFileOrPipe(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  if (found.isFIFO()) return readPipe(path);
  if (!found.isFile()) throw Object.assign(new Error(`${path} is no file`), { code: "it is no file" });
  return readFile(path);
}

/** Without a thread that waits for whoever writes: no signal would reach it, and the process could not end. */
async function readPipe(path: string): Promise<Uint8Array> {
  const { Socket } = await import("node:net");
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return Buffer.concat(await new Socket({ fd, readable: true, writable: false }).toArray());
}
