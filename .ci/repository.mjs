// The rules of this repository that no other tool knows; each counts as one check.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const secret = /\bsk-[\w-]{12,}|\bBearer\s+(?=[\w.-]*\d)[\w.-]{20,}/g;

const rules = {
  "no secret in fixtures and contracts": ({ files, read }) =>
    files("{fixtures,contracts}/**/*.*").flatMap((file) =>
      (read(file).match(secret) ?? []).map((found) => `${file} holds what looks like a key: ${found.slice(0, 10)}…`),
    ),
  // Below 1.0 a minor may break: reaching the users of these as a patch, it would break them unasked.
  "what is new in a package is new in those that re-export it": ({ packages, files, read }) => {
    const changesets = files(".changeset/*.md").map((file) => ({
      file,
      bumps: new Map([...read(file).matchAll(/^"([^"]+)": (\w+)$/gm)].map(([, name, bump]) => [name, bump])),
    }));
    const isMinor = (name) => changesets.some(({ bumps }) => bumps.get(name) === "minor");
    // The emulator takes only types of core.
    const reexporting = (name) =>
      packages.filter((p) => !p.private && p.name !== "@vidtask/emulator" && p.dependencies?.[name]).map((p) => p.name);
    return changesets.flatMap(({ file, bumps }) =>
      [...bumps]
        .filter(([, bump]) => bump === "minor")
        .flatMap(([name]) => reexporting(name))
        .filter((name) => !bumps.has(name) && !isMinor(name))
        .map((name) => `${file} does not name ${name}: "minor", or "none" where its users notice nothing`),
    );
  },
  // The lockfile has it in base64, package.json in hex, as corepack wants it.
  "packageManager has the hash that the lockfile has": ({ read }) => {
    const { packageManager } = JSON.parse(read("package.json"));
    const [pnpm, hash] = packageManager.split("+sha512.");
    const [, locked = ""] =
      new RegExp(`^  ${pnpm}:\n +resolution: .integrity: sha512-([\\w+/=]+)`, "m").exec(read("pnpm-lock.yaml")) ?? [];
    const wanted = Buffer.from(locked, "base64").toString("hex");
    return locked && hash === wanted ? [] : [`packageManager: ${pnpm}+sha512.${wanted}`];
  },
  "the lockfile names no host": ({ read }) =>
    /tarball:|https?:\/\//.test(read("pnpm-lock.yaml")) ? ["pnpm-lock.yaml holds an address"] : [],
};

export function repository(root) {
  const read = (file) => {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      return "";
    }
  };
  const files = (pattern) => globSync(pattern, { cwd: root });
  const packages = files("packages/*/package.json").map((file) => ({
    ...JSON.parse(read(file)),
    folder: file.replace(`/${basename(file)}`, ""),
  }));
  const tree = { read, files, packages };
  const broken = Object.entries(rules)
    .map(([rule, find]) => [rule, find(tree)])
    .filter(([, found]) => found.length > 0);
  return {
    passed: Object.keys(rules).length - broken.length,
    failed: broken.length,
    problems: broken.map(([rule, found]) => [`Broken: ${rule}`, ...found].join("\n  ")),
  };
}
