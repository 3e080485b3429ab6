import { appendFileSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acmeClient, done, failed, ref, running } from "../test/acme.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf, KEY } from "../testing/vendor-suite.ts";
import { saveVideo } from "./save-video.ts";
import { makeMp4 } from "./test/save-video-host.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "vidtask-core-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const mp4 = new Uint8Array(makeMp4(200));
const file =
  (bytes: Uint8Array<ArrayBuffer> = mp4, headers: Record<string, string> = {}): Step =>
  () =>
    new Response(bytes, { headers: { "content-type": "video/mp4", ...headers } });
const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => undefined);

test("a video is saved whole, with its size told, and the key does not go to the result host", async () => {
  const { client, seen } = acmeClient([done, file(mp4, { "content-length": String(mp4.length) })]);
  const told: [number, number | undefined][] = [];
  const path = join(folder, "deep", "er", "v.mp4");
  const saved = await saveVideo(client, ref, path, { onProgress: (...progress) => void told.push(progress) });
  expect(saved).toEqual({ path, bytes: mp4.length });
  expect(new Uint8Array(await readFile(path))).toEqual(mp4);
  expect(told.at(-1)).toEqual([mp4.length, mp4.length]);
  expect(seen[1]?.url).toBe("https://cdn.acme.test/v.mp4");
  expect(seen[1]?.headers.get("authorization")).toBeNull();
  assertNoSecret([...(seen[1]?.headers ?? [])]);
});

const damages: Record<string, Step> = {
  "a 404": answer(404),
  "a redirect": answer(302, "", { location: "https://elsewhere.test/" }),
  HTML: answer(200, "<html></html>"),
  "a file that is no mp4": file(Buffer.from("GIF89a and more of it")),
  "an empty file": file(Buffer.from("")),
  "a file that breaks off": file(mp4, { "content-length": "9999" }),
  "a file that is announced too large": file(mp4, { "content-length": "99999" }),
  "a file that grows too large": file(Buffer.concat([mp4, Buffer.alloc(20_000)])),
  "a connection that fails": () => {
    throw new TypeError(`fetch failed near Bearer ${KEY}`);
  },
};
// What the same call meets again: the vendor has forgotten the task, the video stays as large as it is.
const lasting = new Set(["a 404", "a file that is announced too large", "a file that grows too large"]);
for (const [name, step] of Object.entries(damages))
  test(`${name} is a DownloadError, and leaves the target as it was and nothing beside it`, async () => {
    await writeFile(join(folder, "v.mp4"), "the old one");
    const { client } = acmeClient([done, step]);
    const error = await errorOf(saveVideo(client, ref, join(folder, "v.mp4"), { maxBytes: 10_000 }));
    expect(error).toMatchObject({
      code: "download",
      phase: "download",
      vendor: "acme",
      ref: { id: "t1" },
      billed: "yes",
      retryable: !lasting.has(name),
    });
    expect(await readdir(folder)).toEqual(["v.mp4"]);
    expect(await read("v.mp4")).toBe("the old one");
    assertNoSecret(error);
  });

test("a part file that another program has written to is not moved into place", async () => {
  const { client } = acmeClient([done, file(mp4, { "content-length": String(mp4.length) })]);
  const path = join(folder, "v.mp4");
  const meddle = (bytes: number) => {
    const part = readdirSync(folder).find((name) => !/json|lock/.test(name));
    if (bytes === mp4.length) appendFileSync(join(folder, part ?? ""), "more");
  };
  expect(await errorOf(saveVideo(client, ref, path, { onProgress: meddle }))).toMatchObject({ code: "download" });
  expect(await read("v.mp4")).toBeUndefined();
});

test("a task without a video says why", async () => {
  const said = async (step: Step, index = 0) =>
    String(await errorOf(saveVideo(acmeClient([step]).client, ref, join(folder, "v.mp4"), { index })));
  expect(await said(running)).toContain("has not ended");
  expect(await said(failed)).toContain("too dark");
  expect(await said(done, 1)).toContain("no video 1");
});

test("an abort is an AbortedError that names the task, and leaves no file", async () => {
  const controller = new AbortController();
  const stalling: Step = () => {
    controller.abort();
    return new Promise(() => {});
  };
  const { client } = acmeClient([done, stalling]);
  const error = await errorOf(saveVideo(client, ref, join(folder, "v.mp4"), { signal: controller.signal }));
  expect(error).toMatchObject({ name: "AbortError", code: "aborted", phase: "download", ref: { id: "t1" } });
  expect(await readdir(folder)).toEqual([]);
});

test("a result on a private host or on plain http is not fetched, but where the base URL points itself", async () => {
  const at = (url: string): Step => answer(200, { status: "done", url });
  for (const url of [
    "http://cdn.test/v.mp4",
    "https://127.0.0.1/v.mp4",
    "https://localhost/v",
    "https://10.1.2.3/v",
    "https://[::1]/v",
    "https://169.254.1.1/v",
    "https://user@cdn.test/v",
  ]) {
    const { client, seen } = acmeClient([at(url), file()]);
    expect([url, await errorOf(saveVideo(client, ref, join(folder, "v.mp4")))]).toEqual([
      url,
      expect.objectContaining({ code: "download" }),
    ]);
    expect(seen).toHaveLength(1);
  }
  const own = acmeClient([at("http://127.0.0.1:9999/v.mp4"), file()], { baseUrl: "http://127.0.0.1:9999/v1" });
  expect((await saveVideo(own.client, ref, join(folder, "v.mp4"))).bytes).toBe(mp4.length);
});

test("what is no client of ours is told apart", async () => {
  await expect(saveVideo({} as never, ref, join(folder, "v.mp4"))).rejects.toThrow("client: must be a vidtask client");
});
