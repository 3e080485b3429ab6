// Where a video is to go: what will fail is seen before anything is asked, and what is there keeps its mode.
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { acmeClient, done, ref } from "../test/acme.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { saveVideo } from "./save-video.ts";
import { makeMp4 } from "./test/save-video-host.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "vidtask-target-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const mp4 = new Uint8Array(makeMp4(200));
const client = () => acmeClient([done, () => new Response(mp4, { headers: { "content-length": "200" } })]);

const unusable: Record<string, (path: string) => Promise<unknown>> = {
  "a folder": (path) => mkdir(path),
  "a link to a folder": (path) => symlink(folder, path),
  "a link that leads to itself": (path) => symlink(join(path, "x"), path),
};
test.each(Object.entries(unusable))("%s at the target is refused before anything is asked", async (_name, put) => {
  const path = join(folder, "v.mp4");
  await put(path);
  const { client: made, seen } = client();
  expect(await errorOf(saveVideo(made, ref, path))).toMatchObject({
    code: "download",
    retryable: false,
    billed: "yes",
  });
  expect(seen).toEqual([]);
  expect(await readdir(folder)).toEqual(["v.mp4"]);
});

test("a socket at the target is refused, and stays", async () => {
  const path = join(folder, "s");
  const server = createServer().listen(path);
  onTestFinished(() => void server.close());
  const { client: made, seen } = client();
  expect(String(await errorOf(saveVideo(made, ref, path)))).toContain("no plain file");
  expect(seen).toEqual([]);
});

test("a link to a device, or as /dev/stdout to what a program has open, is refused, and stays", async () => {
  const output = await open(join(folder, "output"), "w");
  onTestFinished(() => output.close());
  for (const place of ["/dev/null", `/proc/self/fd/${output.fd}`]) {
    const path = join(folder, `${basename(place)}.mp4`);
    await symlink(place, path);
    const { client: made, seen } = client();
    expect(String(await errorOf(saveVideo(made, ref, path)))).toContain("no plain file");
    expect(seen).toEqual([]);
    expect(await readlink(path)).toBe(place);
  }
});

const long = `${"n".repeat(300)}.mp4`;
test.each([
  ["a name that is too long", () => long],
  ["a name that is too long in bytes", () => `${"é".repeat(140)}.mp4`],
  ["a folder whose name is too long", () => join(long, "v.mp4")],
  ["a name that ends like that of a folder", () => "v/"],
  ["a file in the place of its folder", () => join("taken", "v.mp4")],
  ["a file in the place of a folder above", () => join("taken", "a", "b", "v.mp4")],
])("%s is refused before anything is asked", async (_name, pathOf) => {
  await writeFile(join(folder, "taken"), "");
  const { client: made, seen } = client();
  const error = await errorOf(saveVideo(made, ref, `${folder}/${pathOf()}`));
  expect(error).toMatchObject({ name: "DownloadError", retryable: false });
  expect(String(error)).toContain("another path");
  expect(seen).toEqual([]);
  expect(await readdir(folder)).toEqual(["taken"]);
});

test("a name that is too long in a folder that has to be made is refused before the first byte", async () => {
  const { client: made, seen } = client();
  const error = await errorOf(saveVideo(made, ref, join(folder, "new", long)));
  expect(error).toMatchObject({ name: "DownloadError", retryable: false });
  expect(seen.map(({ url }) => url)).toEqual(["https://api.acme.test/v1/tasks/t1"]);
});

// Of these the first says so, the second only when a file is made.
test.skipIf(process.platform !== "linux").each(["/proc/self", "/proc"])(
  "the folder %s, which takes no files, is refused before the first byte",
  async (no) => {
    const { client: made, seen } = client();
    expect(await errorOf(saveVideo(made, ref, join(no, "v.mp4")))).toMatchObject({ retryable: false });
    expect(seen.length).toBeLessThanOrEqual(1);
  },
);

test.each([0o600, 0o640, 0o644, 0o444, 0o755])("a file that is replaced keeps its mode, %o", async (mode) => {
  const path = join(folder, "v.mp4");
  await writeFile(path, "the old one");
  await chmod(path, mode);
  await saveVideo(client().client, ref, path);
  expect((await readFile(path)).length).toBe(200);
  expect((await stat(path)).mode & 0o7777).toBe(mode);
});

test("a new file has the mode of any new file", async () => {
  await writeFile(join(folder, "other"), "");
  await saveVideo(client().client, ref, join(folder, "v.mp4"));
  expect((await stat(join(folder, "v.mp4"))).mode).toBe((await stat(join(folder, "other"))).mode);
});

test("a fault that may pass is worth another try", async () => {
  const { client: made } = acmeClient([done, () => new Response(null, { status: 503 })]);
  expect(await errorOf(saveVideo(made, ref, join(folder, "v.mp4")))).toMatchObject({ retryable: true });
});
