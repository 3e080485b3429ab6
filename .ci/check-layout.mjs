// The rules of the layout that no other tool knows; each counts as one check.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const named = {
  "@vidtask/core": ["ky", "zod"],
  vidtask: undefined,
  "@vidtask/cli": undefined,
  "@vidtask/emulator": undefined,
};
const ofVendor = ["@vidtask/core", "zod", "ky"];
const ofEmulator = /^(@vidtask\/(?!core$)|vidtask$)/;
const [warnLines, mostLines] = [200, 260];
const isTest = /\.(test|contract|verify)\.ts$/;
const imported = /^(?:import|export)\b[^;]*?\bfrom "((?:@[\w-]+\/)?[a-z][\w-]*)(?:\/[^":]*)?"/gm;
const secret = /\bsk-[\w-]{12,}|\bBearer\s+(?=[\w.-]*\d)[\w.-]{20,}/g;

const rules = {
  "dependencies point one way": ({ packages }) =>
    packages.flatMap(({ name, dependencies = {}, private: unpublished }) => {
      if (unpublished) return [];
      const all = Object.keys(dependencies);
      const allowed = name in named ? named[name] : ofVendor;
      const wrong =
        name === "@vidtask/emulator"
          ? all.filter((d) => ofEmulator.test(d))
          : allowed && all.filter((d) => !allowed.includes(d));
      return (wrong ?? []).map((dependency) => `${name} may not depend on ${dependency}`);
    }),
  // The root's devDependencies resolve from everywhere here, and from nowhere at a user's.
  "published sources import what their package declares": ({ packages, files, read }) =>
    packages.flatMap((p) => {
      if (p.private) return [];
      const declared = new Set([p.name, ...Object.keys({ ...p.dependencies, ...p.peerDependencies })]);
      return files(`${p.folder}/src/**/*.ts`)
        .filter((file) => !isTest.test(file))
        .flatMap((file) =>
          [...read(file).matchAll(imported)]
            .map(([, name]) => name)
            .filter((name) => !declared.has(name))
            .map((name) => `${file} imports ${name}, which ${p.name} does not declare`),
        );
    }),
  "every published package has a README": ({ packages, read }) =>
    packages.filter((p) => !p.private && !read(`${p.folder}/README.md`)).map((p) => `${p.folder}/README.md is missing`),
  "no source file is too long": ({ files, read, warn }) =>
    files("packages/*/src/**/*.ts").flatMap((file) => {
      if (isTest.test(file) || /\/(generated|assets)\//.test(file)) return [];
      const lines = read(file).split("\n");
      const length = lines.length - 1;
      const justified = lines.slice(0, 12).some((line) => /^\s*(\/\/|\/?\*).*\bone file\b/i.test(line));
      if (length > warnLines && !justified)
        warn(`${file} has ${length} lines; above ${warnLines} its first lines say why it is one file`);
      return length > mostLines ? [`${file} has ${length} lines, more than ${mostLines}`] : [];
    }),
  "no secret in fixtures and contracts": ({ files, read }) =>
    files("{fixtures,contracts}/**/*.*").flatMap((file) =>
      (read(file).match(secret) ?? []).map((found) => `${file} holds what looks like a key: ${found.slice(0, 10)}…`),
    ),
  "the lockfile names no host": ({ read }) =>
    /tarball:|https?:\/\//.test(read("pnpm-lock.yaml")) ? ["pnpm-lock.yaml holds an address"] : [],
};

export function layout(root) {
  const warnings = [];
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
  const tree = { read, files, packages, warn: (text) => warnings.push(text) };
  const broken = Object.entries(rules)
    .map(([rule, find]) => [rule, find(tree)])
    .filter(([, found]) => found.length > 0);
  return {
    passed: Object.keys(rules).length - broken.length,
    failed: broken.length,
    notes: warnings,
    problems: broken.map(([rule, found]) => [`Broken: ${rule}`, ...found].join("\n  ")),
  };
}
