import { readFile } from "node:fs/promises";

/** The length an mp4 says it has, in seconds, from its movie header. */
export async function lengthOf(path: string): Promise<number> {
  const bytes = await readFile(path);
  const header = bytes.indexOf("mvhd");
  return bytes.readUInt32BE(header + 20) / bytes.readUInt32BE(header + 16);
}
