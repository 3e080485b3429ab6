// `npm run test:page` and `npm run test:clients`: suites that need what the workspace does not have. It is installed into a
// folder of its own, which git ignores, and the tests are run.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

interface Suite {
  says: string;
  packages: Readonly<Record<string, string>>;
  /** A real browser is needed. */
  browser?: true;
}

const suites: Readonly<Record<string, Suite>> = {
  page: {
    says: "The emulator's page in headless Chromium: VIDTASK_CHROMIUM names another than Debian's /usr/bin/chromium.",
    packages: { "playwright-core": "1.65.1", "axe-core": "4.14.1" },
    browser: true,
  },
  clients: {
    says: "The vendors' own public clients, as npm has them, against the emulator.",
    packages: { "apimodels-mcp": "0.3.0" },
  },
};

const [name = "", ...args] = process.argv.slice(2);
const suite = suites[name];
if (!suite || args.includes("--help")) {
  process.stdout.write(`node packages/e2e/src/apart.ts <suite> [a part of a test's name]\n\n`);
  for (const [each, { says }] of Object.entries(suites)) process.stdout.write(`  ${each.padEnd(8)} ${says}\n`);
  process.exit(suite ? 0 : 2);
}

const run = (command: string, argv: readonly string[], cwd: string, env = process.env): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, argv, { cwd, env, stdio: "inherit" });
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(127);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });

async function install({ packages }: Suite): Promise<string> {
  const folder = join(root, "out/apart", name);
  const manifest = JSON.stringify({ private: true, dependencies: packages });
  const file = join(folder, "package.json");
  const isThere = existsSync(join(folder, "node_modules")) && readFileSync(file, "utf8") === manifest;
  if (isThere) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, manifest);
  const code = await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], folder);
  if (code === 0) return folder;
  writeFileSync(file, "{}");
  throw new Error(`npm install in ${folder} ended with ${code}`);
}

async function chromium(): Promise<string> {
  const path = process.env["VIDTASK_CHROMIUM"] ?? "/usr/bin/chromium";
  if (existsSync(path)) return path;
  const isRoot = process.getuid?.() === 0;
  const apt = isRoot ? ["apt-get"] : ["sudo", "-n", "apt-get"];
  if (spawnSync("apt-get", ["--version"]).status === 0) {
    const [command = "", ...first] = apt;
    await run(command, [...first, "update", "-qq"], root);
    await run(command, [...first, "install", "-y", "-qq", "chromium"], root);
  }
  if (existsSync(path)) return path;
  throw new Error(`There is no ${path}. Install Debian's chromium, or name another by VIDTASK_CHROMIUM.`);
}

try {
  const env: NodeJS.ProcessEnv = { ...process.env, VIDTASK_APART: await install(suite) };
  if (suite.browser) env["VIDTASK_CHROMIUM"] = await chromium();
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const some = args[0] === undefined ? [] : ["-t", args[0]];
  const argv = [vitest, "run", "--config", "../../.ci/vitest.config.ts", "--root", ".", "--mode", name, ...some];
  process.exitCode = await run(process.execPath, argv, join(root, "packages/e2e"), env);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
