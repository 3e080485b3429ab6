import { execFileSync } from "node:child_process";
import { openSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, vidtask, world } from "../test/program.ts";
import { mustBeSavable } from "./savable.ts";

/** A folder with a pipe, and links to what is no file, to a file, and to nothing. */
function odd(): string {
  const at = folder();
  execFileSync("mkfifo", [join(at, "pipe.mp4")]);
  writeFileSync(join(at, "file.mp4"), "");
  for (const [name, target] of [
    ["to-device.mp4", "/dev/null"],
    ["to-pipe.mp4", "pipe.mp4"],
    ["to-own-output.mp4", `/proc/self/fd/${openSync(join(at, "file.mp4"), "r")}`],
    ["to-file.mp4", "file.mp4"],
    ["to-nothing.mp4", "none/v.mp4"],
  ] as const)
    symlinkSync(target, join(at, name));
  return at;
}

describe("a video would take the place of", () => {
  test.each(["file.mp4", "to-file.mp4", "to-nothing.mp4", "a/b/new.mp4"])("%s", async (name) => {
    const at = odd();
    const before = readdirSync(at);
    await mustBeSavable(join(at, name));
    expect(readdirSync(at)).toEqual(before);
  });
});

describe.skipIf(process.platform === "win32")("no video takes the place of", () => {
  test.each(["pipe.mp4", "to-pipe.mp4", "to-device.mp4", "to-own-output.mp4"])("%s", async (name) => {
    await expect(mustBeSavable(join(odd(), name))).rejects.toThrow("what is there is no plain file");
  });

  test("a folder, and no folder can be made below a file or a link to nothing", async () => {
    const at = odd();
    await expect(mustBeSavable(at)).rejects.toThrow("it is a folder");
    await expect(mustBeSavable(join(at, "file.mp4/a/v.mp4"))).rejects.toThrow("cannot be written (ENOTDIR)");
    await expect(mustBeSavable(join(at, "to-nothing.mp4/v.mp4"))).rejects.toThrow("cannot be written (ENOENT)");
    await expect(mustBeSavable("/proc/none/a/v.mp4")).rejects.toThrow("cannot be written (ENOENT)");
  });

  test.each([
    ["-o", "/proc/none/a", "/proc/none/a/.vidtask-lock cannot be written (ENOENT); nothing was sent"],
    ["--results", "/proc/none/a/r.jsonl", "/proc/none/a/r.jsonl cannot be written (ENOENT); nothing was sent"],
    ["--results", "pipe.mp4", "pipe.mp4 cannot be written (what is there is no plain file); nothing was sent"],
    ["-o", "file.mp4", "file.mp4/.vidtask-lock cannot be written (ENOTDIR); nothing was sent"],
  ])("a batch %s %s, before anything is paid for", async (option, place, words) => {
    const { emulator, emulate } = await world();
    const cwd = odd();
    writeFileSync(join(cwd, "night.csv"), "id,prompt\na,x\n");
    const { code, err } = await vidtask(["batch", "night.csv", option, place, emulate], { cwd });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
    expect(emulator.ledger).toEqual([]);
  });
});
