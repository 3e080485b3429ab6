// The README files keep their word: every ts sample compiles and runs, every command exists.
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as AIVideoAPI from "@vidtask/aivideoapi";
import type * as APIModels from "@vidtask/apimodels";
import type * as Apixo from "@vidtask/apixo";
import type { ClientOptions } from "@vidtask/apixo";
import { createEmulator, type EmulatorServer } from "@vidtask/emulator";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

const root = join(import.meta.dirname, "../../..");
// Inside the package, so that the samples resolve what a user of it would have installed.
const folder = join(import.meta.dirname, "../.readme");
const pages = ["README.md", ...globSync("packages/*/README.md", { cwd: root })].toSorted();

const blocks = (language: string) =>
  pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/^```(\w+)\n(.*?)^```/gms)]
      .filter(([, found]) => found === language)
      .map(([, , code = ""], index) => ({ name: `${page} #${index + 1}`, code })),
  );
const samples = blocks("ts").map((sample, index) => ({ ...sample, file: join(folder, `sample-${index}.ts`) }));

// A client made without a clock gets the emulator's, which moves only while nobody is in the middle of something.
const emulator = createEmulator({ clock: "manual" });
let server: EmulatorServer;
type Factory = (options?: ClientOptions) => unknown;
const withClock =
  (create: Factory): Factory =>
  (options) =>
    create({ clock: emulator.clock, ...options });
vi.mock("@vidtask/apixo", async (original) => {
  const real = await original<typeof Apixo>();
  return { ...real, createApixo: withClock(real.createApixo) };
});
vi.mock("@vidtask/aivideoapi", async (original) => {
  const real = await original<typeof AIVideoAPI>();
  return { ...real, createAIVideoAPI: withClock(real.createAIVideoAPI) };
});
vi.mock("@vidtask/apimodels", async (original) => {
  const real = await original<typeof APIModels>();
  return { ...real, createAPIModels: withClock(real.createAPIModels) };
});

beforeAll(async () => {
  server = await emulator.listen();
  for (const vendor of ["apixo", "aivideoapi", "apimodels"]) {
    const { apiKey, baseUrl } = server.for(vendor);
    vi.stubEnv(`${vendor.toUpperCase()}_API_KEY`, apiKey);
    vi.stubEnv(`${vendor.toUpperCase()}_BASE_URL`, baseUrl);
  }
  mkdirSync(folder, { recursive: true });
  for (const { file, code } of samples) writeFileSync(file, code);
});
afterAll(async () => {
  // The samples stay, unseen by git: beside this, another test packs the package.
  vi.unstubAllEnvs();
  await server.close();
});

test("there are samples", () => expect(samples.length).toBeGreaterThan(pages.length - 1));

test("every sample compiles", { timeout: 300_000 }, () => {
  const config = { extends: "../../../tsconfig.base.json", files: samples.map(({ file }) => file) };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const run = () => execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", stdio: "pipe" });
  expect(run).not.toThrow();
});

describe("every sample runs", () => {
  test.each(samples)("$name", async ({ file }) => {
    const cwd = process.cwd();
    const empty = mkdtempSync(join(tmpdir(), "vidtask-"));
    process.chdir(empty);
    onTestFinished(() => {
      process.chdir(cwd);
      rmSync(empty, { recursive: true });
    });
    for (const method of ["log", "error", "warn"] as const) vi.spyOn(console, method).mockReturnValue();
    let isOver = false;
    const over = () => (isOver = true);
    const running = import(file);
    running.then(over, over);
    while (!isOver) await emulator.clock.advance(5_000);
    await running;
  });
});

describe("every command exists", () => {
  const commands = blocks("sh")
    .flatMap(({ name, code }) => code.split("\n").map((line) => ({ name, line: line.replace(/\s+#.*/, "").trim() })))
    .filter(({ line }) => line !== "");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const published = globSync("packages/*/package.json", { cwd: root }).map(
    (file) => (JSON.parse(readFileSync(join(root, file), "utf8")) as { name: string }).name,
  );

  const emptyFolder = () => {
    const cwd = mkdtempSync(join(tmpdir(), "vidtask-"));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    return cwd;
  };
  const run = (file: string, args: string[], cwd: string) => execFileSync(file, args, { cwd, encoding: "utf8" });

  // What needs a registry or a vendor cannot run here: of those, what they name has to exist.
  test.each(commands)("$name: $line", { timeout: 300_000 }, ({ line }) => {
    const [program, verb = "", ...rest] = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
    switch (`${program} ${verb}`) {
      case "npm start": {
        const [, ...args] = rest; // after the `--`
        const printed = run(
          process.execPath,
          [join(root, "packages/vidtask/examples/start.ts"), ...args],
          emptyFolder(),
        );
        return expect(printed).toMatch(args.includes("--help") ? /--prompt/ : /saved {5}out/);
      }
      case "npx node":
        return expect(existsSync(join(root, rest[0] ?? ""))).toBe(true);
      case "npx pnpm": // packed.test.ts packs them all, and uses them
        expect(rest).toContain("pack");
        return expect(published).toEqual(
          expect.arrayContaining(rest.filter((_, index) => rest[index - 1] === "--filter")),
        );
      case "npm install":
        return expect(published).toEqual(expect.arrayContaining(rest.filter((word) => !word.startsWith("-"))));
      case "npm --prefix":
        return expect(rest).toContain("install");
      case "npm test":
        return expect(scripts).toHaveProperty("test");
      default:
        if (program === "node") return expect(existsSync(join(root, verb))).toBe(true);
        expect(program).toMatch(/^p?npm$/);
        return expect(scripts).toHaveProperty([verb === "run" ? (rest[0] ?? "") : verb]);
    }
  });
});
