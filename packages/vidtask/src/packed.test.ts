// The tarballs as a user gets them, unpacked into an empty project: they run, and a vendor comes alone.
import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createEmulator, type EmulatorServer } from "@vidtask/emulator";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const project = mkdtempSync(join(tmpdir(), "vidtask-"));
const emulator = createEmulator({ clock: { speed: 600 } });
let server: EmulatorServer;

// Not the blocking kind: the emulator answers from this process.
const execute = promisify(execFile);
const run = async (file: string, args: string[], cwd: string, env = {}): Promise<string> =>
  (await execute(file, args, { cwd, env: { ...process.env, ...env } })).stdout;
/** Runs a module in the project; the last line it prints is JSON. */
const runModule = async (code: string, env = {}): Promise<unknown> => {
  writeFileSync(join(project, "main.mjs"), code);
  return JSON.parse((await run(process.execPath, ["main.mjs"], project, env)).trim().split("\n").at(-1) ?? "");
};

beforeAll(async () => {
  server = await emulator.listen();
  const tarballs = join(project, "tarballs");
  mkdirSync(tarballs);
  const filters = ["vidtask", "@vidtask/core", "@vidtask/apixo", "@vidtask/aivideoapi", "@vidtask/apimodels"];
  const pack = [...filters.flatMap((name) => ["--filter", name]), "pack", "--pack-destination", tarballs];
  await run(join(root, "node_modules/.bin/pnpm"), pack, root);
  for (const tarball of globSync("*.tgz", { cwd: tarballs })) {
    const unpacked = join(project, "unpacked", tarball);
    mkdirSync(unpacked, { recursive: true });
    await run("tar", ["-xzf", join(tarballs, tarball), "-C", unpacked], project);
    const { name } = JSON.parse(readFileSync(join(unpacked, "package/package.json"), "utf8")) as { name: string };
    link(join(unpacked, "package"), name);
  }
  for (const name of ["ky", "zod"]) link(join(root, "packages/core/node_modules", name), name);
}, 120_000);
afterAll(async () => {
  await server.close();
  rmSync(project, { recursive: true });
});

function link(target: string, name: string): void {
  const path = join(project, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

const loadedBy = async (name: string): Promise<string[]> =>
  (await runModule(`
import { registerHooks } from "node:module";
const seen = [];
registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
await import(${JSON.stringify(name)});
console.log(JSON.stringify(seen));`)) as string[];

test.each(["apixo", "aivideoapi", "apimodels"])(
  "%s loads no file of another vendor, by either name",
  async (vendor) => {
    const others = ["apixo", "aivideoapi", "apimodels"].filter((other) => other !== vendor);
    for (const name of [`vidtask/${vendor}`, `@vidtask/${vendor}`]) {
      const files = (await loadedBy(name)).join("\n");
      expect(files).toContain(`vidtask-${vendor}-`);
      for (const other of others) expect(files).not.toContain(`vidtask-${other}-`);
    }
  },
);

test("the umbrella loads all of them, and none loads Node's file system", async () => {
  const files = await loadedBy("vidtask");
  for (const vendor of ["apixo", "aivideoapi", "apimodels"]) expect(files.join()).toContain(`vidtask-${vendor}-`);
  expect(files.filter((url) => url.startsWith("node:"))).toEqual([]);
});

test("a program with the packed umbrella makes and saves a video", async () => {
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
  expect(readFileSync(join(project, "video.mp4")).byteLength).toBe(done.bytes);
  expect(emulator.ledger).toHaveLength(1);
});

test("a tarball holds what it says and no test", () => {
  const files = globSync("unpacked/**/*", { cwd: project });
  expect(files.filter((file) => /\.(test|contract|verify)\./.test(file) || /fixtures|\/src\//.test(file))).toEqual([]);
  for (const need of ["README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"])
    expect(files.filter((file) => file.endsWith(`package/${need}`))).toHaveLength(5);
});
