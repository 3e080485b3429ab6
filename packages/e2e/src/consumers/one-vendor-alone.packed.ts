// The tarballs as a user gets them, unpacked into an empty project: they run, and a vendor comes alone.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createEmulator, type EmulatorServer } from "@vidtask/emulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packedProject } from "../../../../.ci/pack.ts";

/** What `npm test` has packed already. */
const project = process.env["VIDTASK_PACKED"] ?? (await packedProject()).folder;
const emulator = createEmulator({ clock: { speed: 600 } });
let server: EmulatorServer;
beforeAll(async () => {
  server = await emulator.listen();
});
afterAll(() => server.close());

/** Runs a module in the project; the last line it prints is JSON. */
async function runModule(code: string, env = {}): Promise<unknown> {
  writeFileSync(join(project, "main.mjs"), code);
  // Not the blocking kind: the emulator answers from this process.
  const options = { cwd: project, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, ["main.mjs"], options);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

const loadedBy = async (name: string): Promise<string[]> =>
  (await runModule(`
import { registerHooks } from "node:module";
const seen = [];
registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
await import(${JSON.stringify(name)});
console.log(JSON.stringify(seen));`)) as string[];

const vendors = ["apixo", "aivideoapi", "apimodels"];
const oneVendor = vendors.flatMap((vendor) => [
  { vendor, name: `vidtask/${vendor}` },
  { vendor, name: `@vidtask/${vendor}` },
]);

test.each(oneVendor)("$name loads $vendor and no file of another vendor", async ({ vendor, name }) => {
  const files = (await loadedBy(name)).join("\n");
  expect(vendors.filter((one) => files.includes(`/@vidtask/${one}/`))).toEqual([vendor]);
});

test("the umbrella loads all vendors", async () => {
  const files = (await loadedBy("vidtask")).join("\n");
  expect(vendors.filter((one) => files.includes(`/@vidtask/${one}/`))).toEqual(vendors);
});

test("the umbrella loads nothing of Node", async () => {
  expect((await loadedBy("vidtask")).filter((url) => url.startsWith("node:"))).toEqual([]);
});

test("a program with the packed umbrella makes and saves a video, for one charge", async () => {
  const { apiKey, baseUrl } = server.for("apixo");
  const done = (await runModule(
    `
import { createApixo, createVidtask } from "vidtask";
import { saveVideo } from "vidtask/node";
const vidtask = createVidtask({ vendors: [createApixo({ poll: { first: 20, interval: 20 } })] });
const done = await vidtask.generate({ model: "kling-2.6", prompt: "a waterfall" }, { idempotencyKey: "row-1" });
console.log(JSON.stringify(await saveVideo(vidtask, done, "video.mp4")));`,
    { APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl },
  )) as { path: string; bytes: number };
  expect(readFileSync(join(project, "video.mp4"))).toHaveLength(done.bytes);
  expect(emulator.ledger).toHaveLength(1);
});
