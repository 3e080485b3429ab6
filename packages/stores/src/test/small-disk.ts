import { spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A file system in memory that is soon full, in a server's folder and its own. Root may mount one. */
export function smallDisk(parent: string, size: string) {
  const folder = join(parent, "small");
  mkdirSync(folder);
  const run = (...command: string[]) => {
    const [file = "", ...args] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
    const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${command.join(" ")} needs root, or sudo without a password: ${stderr}`);
  };
  const { uid, gid } = statSync(join(parent, "data"));
  run("mount", "-t", "tmpfs", "-o", `size=${size},uid=${uid},gid=${gid},mode=700`, "tmpfs", folder);
  return {
    folder,
    grow: (more: string) => run("mount", "-o", `remount,size=${more}`, folder),
    remove: () => run("umount", "-l", folder),
  };
}
