// Behind `npm start`, `npm run start:queue` and `npm test`: a clone with Node 20, npm and git gets everything else from the npm registry.
// `node .ci/bootstrap.mjs install` stops there.
// Plain JavaScript, because the machine's own Node runs it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const stampFile = join(modules, ".vidtask-installed");
const commands = {
  install: [],
  start: ["packages/vidtask/examples/start.ts"],
  "start:queue": ["packages/vidtask/examples/queue/start.ts"],
  test: [".ci/check.mjs"],
};
const [command, ...args] = process.argv.slice(2);
const say = (text) => process.stderr.write(`${text}\n`);
let interrupted;

const fail = (text) => {
  say(`\n${text}`);
  if (command === "test") process.stdout.write("0 passed, 1 failed\n");
  process.exit(1);
};

// Ctrl-C reaches the whole process group; the child ends as it sees fit, and this process after it.
let child;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted = signal;
    if (signal !== "SIGINT") child?.kill(signal);
  });
}
const stopIfInterrupted = () => interrupted && process.exit(128 + constants.signals[interrupted]);

/** Runs a program to its end; `output` sees what it prints, which goes to stderr. Without `output` it has the terminal. */
function run(file, argv, env, output) {
  return new Promise((resolve) => {
    child = spawn(file, argv, { cwd: root, env, stdio: output ? ["ignore", "pipe", "pipe"] : "inherit" });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", output);
    child.on("error", (error) => {
      say(error.message);
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function fingerprint() {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/package.json`);
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ...packages.toSorted()]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`\0${file}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** Why nothing can be written below a folder, which need not be there yet. */
function whyReadOnly(folder) {
  if (!existsSync(folder)) return whyReadOnly(dirname(folder));
  try {
    rmdirSync(mkdtempSync(join(folder, "probe-")));
    return undefined;
  } catch (error) {
    return error.code;
  }
}

/** npm's cache, or one in this clone where that of the home folder is read-only. */
function cacheOf() {
  const cache = spawnSync("npm", ["config", "get", "cache"], { cwd: root, encoding: "utf8" }).stdout?.trim();
  const reason = cache && whyReadOnly(cache);
  if (!reason) return {};
  const instead = join(root, "out", "npm-cache");
  say(`npm's cache ${cache} cannot be written (${reason}). Using ${instead}; npm_config_cache names another.`);
  return { npm_config_cache: instead };
}

async function install(pnpm, stamp) {
  const reason = whyReadOnly(modules);
  if (reason) {
    fail(
      `${modules} cannot be written (${reason}), and the dependencies have to be installed there.\n` +
        "Make this clone writable, or copy it to a folder that is, and run the same command there.",
    );
  }
  // Gone before the first byte changes: whatever breaks off here, the next run installs again.
  rmSync(stampFile, { force: true });
  const argv = ["-y", pnpm, "install", "--frozen-lockfile", "--reporter=append-only"];
  // CI: pnpm repairs a half-made node_modules without asking.
  const env = { ...process.env, ...cacheOf(), CI: "true", npm_config_update_notifier: "false" };
  for (let attempt = 1; attempt <= 3; attempt++) {
    say(`Installing Node 24, ${pnpm} and the dependencies${attempt > 1 ? ` (try ${attempt} of 3)` : ""} …`);
    let printed = "";
    const code = await run("npx", argv, env, (chunk) => {
      printed += chunk;
      process.stderr.write(chunk);
    });
    stopIfInterrupted();
    if (code === 0) return writeFileSync(stampFile, stamp);
    if (/OUTDATED_LOCKFILE|LOCKFILE_CONFIG_MISMATCH/.test(printed)) {
      fail(`pnpm-lock.yaml does not match a package.json. Run: npx ${pnpm} install --no-frozen-lockfile`);
    }
    if (/ENOSPC/.test(printed)) fail("The disk is full. Free some space (about 1 GB is needed) and run this again.");
    if (/EACCES|EPERM|EROFS/.test(printed)) {
      fail("A file or folder cannot be written: its path is above. Make it writable, and run the same command again.");
    }
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT/.test(printed)) {
      say("The npm registry could not be reached.");
    }
    if (attempt < 3) say("The install broke off; trying again.");
  }
  fail(
    "The install failed three times; the reason is above. It needs the npm registry: check the network, the proxy\n" +
      "(HTTPS_PROXY) and `npm config get registry`, then run the same command again. It continues where it stopped.",
  );
}

if (!commands[command]) fail("usage: node .ci/bootstrap.mjs <install|start|start:queue|test> [arguments]");
if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(
    `Node ${process.versions.node} is too old: Node 20 or newer is needed to install the rest (https://nodejs.org).`,
  );
}

const { packageManager, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const stamp = fingerprint();
// npx takes no hash: `pnpm@12.21.0+sha512.…` names what corepack and the lockfile hold it to.
const [pnpm] = packageManager.split("+");
if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) await install(pnpm, stamp);
if (command === "install") process.exit(0);

const env = {
  ...process.env,
  PATH: [join(modules, ".bin"), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1",
  PACT_DO_NOT_TRACK: "true",
};
const node = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");
if (!existsSync(node)) {
  rmSync(stampFile, { force: true });
  fail(`Node ${devDependencies.node} is missing from node_modules. Run the same command again to install it.`);
}
const code = await run(node, [...commands[command], ...args], env);
stopIfInterrupted();
process.exit(code);
