// Every command in a `sh` block exists, and those that can run here do.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { blocksOf, pages, root, textOf } from "./pages.ts";

const commands = blocksOf("sh")
  .flatMap(({ page, code }) =>
    code.split("\n").map((line) => ({
      page,
      line: line
        .replace(/(^|\s+)#.*/, "")
        .replace(/^\w+=\S+ /, "")
        .trim(),
    })),
  )
  .filter(({ line }) => line !== "");

type Manifest = { name: string; scripts: object; devDependencies?: object };
const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
const { scripts } = read("package.json");
const manifests = globSync("packages/*/package.json", { cwd: root }).map((file) => read(file));
const packages = manifests.map(({ name }) => name);
/** What this repository makes, or has installed itself. */
const known = [...packages, ...manifests.flatMap(({ devDependencies = {} }) => Object.keys(devDependencies))];

function emptyFolder(): string {
  const cwd = mkdtempSync(join(tmpdir(), "vidtask-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

let emulatorHelp: string | undefined;
const helpOfEmulator = () =>
  (emulatorHelp ??= execFileSync(process.execPath, [join(root, "packages/emulator/src/cli.ts"), "--help"], {
    encoding: "utf8",
  }));

// What needs a registry or a vendor cannot run here: of those, what they name has to exist.
test.each(commands)("$page: $line", { timeout: 300_000 }, ({ line }) => {
  const [program, verb = "", ...rest] = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
  switch (`${program} ${verb}`) {
    case "npm start": {
      const [, ...args] = rest; // after the `--`
      const script = join(root, "packages/vidtask/examples/start.ts");
      const printed = execFileSync(process.execPath, [script, ...args], { cwd: emptyFolder(), encoding: "utf8" });
      return expect(printed).toMatch(args.includes("--help") ? /--prompt/ : /saved {5}out/);
    }
    case "npx vidtask-emulator": {
      const help = helpOfEmulator();
      return rest.filter((word) => word.startsWith("--")).forEach((flag) => expect(help).toContain(flag));
    }
    case "npx node":
      return expect(existsSync(join(root, rest[0] ?? ""))).toBe(true);
    case "npx pnpm": // `pnpm --filter NAME … SCRIPT`
      return expect(packages).toEqual(
        expect.arrayContaining(rest.filter((_, index) => rest[index - 1] === "--filter")),
      );
    case "npm install":
      return expect(known).toEqual(expect.arrayContaining(rest.filter((word) => !word.startsWith("-"))));
    case "npm --prefix":
      return expect(rest).toContain("install");
    case "npm test":
      return expect(scripts).toHaveProperty("test");
    case "npx vitest":
    case "cd packages/core":
      return expect(existsSync(join(root, verb === "run" || program === "npx" ? "" : verb))).toBe(true);
    default:
      if (program === "vidtask") return; // by command-line.test.ts
      if (program === "node") return expect(existsSync(join(root, verb))).toBe(true);
      // An environment, with or without the reader's own program.
      if (/^[A-Z_]+=/.test(line)) return expect(line).toMatch(/^([A-Z_]+=\S+ ?)+(\\|node \S+)?$/);
      // To the emulator, at the port that it takes by itself.
      if (program === "curl") return expect(line).toMatch(/ http:\/\/127\.0\.0\.1:4310\/\S+$/);
      if (program === "git") return expect(verb).toMatch(/^(diff|clone)$/);
      expect(program).toMatch(/^p?npm$/);
      return expect(scripts).toHaveProperty([verb === "run" ? (rest[0] ?? "") : verb]);
  }
});

const mentioned = pages.flatMap((page) =>
  [...textOf(page).matchAll(/`(?:npm run|pnpm) ([\w:]+)[^`]*`/g)].map(([text, script = ""]) => ({
    page,
    text,
    script,
  })),
);

test.each(mentioned)("$page: the script of $text exists", ({ script }) => {
  expect(["install", ...Object.keys(scripts)]).toContain(script);
});

// With a registry that nothing answers: a release that did not stop could not publish.
test.each(["release", "surface", "budgets"])("%s refuses a flag it does not know, before it does anything", (name) => {
  const env = { ...process.env, npm_config_registry: "http://127.0.0.1:9" };
  const script = join(root, ".ci", `${name}.ts`);
  const { status, stderr } = spawnSync(process.execPath, [script, "--dry-runs"], { env, encoding: "utf8" });
  expect(stderr).toContain(`Unknown: --dry-runs. Usage: npm run ${name}`);
  expect(status).toBe(2);
});
