import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { errorOf } from "../testing/vendor-suite.ts";
import { makeFolder, makeFolderSync } from "./make-folder.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe.each<[name: string, make: (path: string) => Promise<void>]>([
  ["at once", async (path) => makeFolderSync(path, 0o700)],
  ["in the background", makeFolder],
])("%s", (_name, make) => {
  test("a folder is made with those above it, and one that is there is left alone", async () => {
    const path = join(emptyFolder(), "a", "b", "c");
    await make(path);
    await make(path);
    await Promise.all([make(join(path, "d", "e")), make(join(path, "d", "f"))]);
    expect(["d/e", "d/f"].map((name) => existsSync(join(path, name)))).toEqual([true, true]);
  });

  test("a link to a folder is one", async () => {
    const folder = emptyFolder();
    symlinkSync(folder, join(folder, "link"));
    await make(join(folder, "link", "a"));
    expect(existsSync(join(folder, "a"))).toBe(true);
  });

  test.each([
    ["below a file", "file", ["file", "a"]],
    ["where a file is", "file", ["file"]],
    ["through a link that leads nowhere", "lost", ["lost", "a"]],
  ])("%s: an error that names what cannot be made, with the system's code", async (_where, named, parts) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "file"), "");
    symlinkSync(join(folder, "nowhere"), join(folder, "lost"));
    const error = await errorOf(make(join(folder, ...parts)));
    expect(error).toMatchObject({ code: expect.stringMatching(/^E/) });
    expect(String(error)).toContain(`the folder ${join(folder, named)} cannot be made: give a path`);
  });
});

test("those that are made have the mode that was given", () => {
  const folder = emptyFolder();
  makeFolderSync(join(folder, "a", "b"), 0o700);
  expect(["a", "a/b"].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o700, 0o700]);
});

test("a journal or a video below /proc, which says that it has no parent, is an error and not a call for ever", () => {
  const program = `
    import { acmeClient, ref } from "../test/acme.ts";
    import { saveVideo } from "./save-video.ts";
    import { sqliteJournal } from "./sqlite-journal.ts";
    const told = (error) => console.log(error.name, error.message);
    try { sqliteJournal("/proc/none/a/journal.db"); } catch (error) { told(error); }
    const video = { ...ref, state: "succeeded", videos: [{ url: "https://a.test/v.mp4" }] };
    await saveVideo(acmeClient([]).client, video, "/proc/none/a/v.mp4").catch(told);
    process.exit();`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  expect(stderr).toBe("");
  const lines = stdout.trim().split("\n");
  expect(lines[0]).toMatch(
    /^Error the journal \/proc\/none\/a\/journal.db: the folder \/proc\/none cannot be made: give/,
  );
  expect(lines[1]).toMatch(/^DownloadError .*mkdir '\/proc\/none'; save it to another path/);
});
