// The rules of the layout that no other tool knows; each counts as one check.
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";

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
const loaded = /^(?:import|export)\b(?! type\b)[^;]*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;
const forNode = /^@vidtask\/(emulator|cli)$/;
const nodeDoor = /^\.\/(node|testing)(\/|$)/;
const nodeOnly = /^packages\/[^/]+\/src\/(node|testing)[/.]|^(?:@vidtask\/[^/]+|vidtask)\/(node|testing)(\/|$)/;
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
  // What uses `process` and its like unguarded is the linter's to find.
  "what runs anywhere loads nothing of Node": ({ packages, read }) =>
    packages
      .filter((p) => !p.private && !forNode.test(p.name))
      .flatMap((p) => {
        const doors = Object.entries(p.exports).filter(([door]) => !nodeDoor.test(door));
        const reached = new Set(doors.map(([, file]) => join(p.folder, file)));
        const wrong = [];
        for (const file of reached)
          for (const [, ...names] of read(file).matchAll(loaded)) {
            const name = names.find(Boolean);
            const target = name.startsWith(".") ? join(dirname(file), name) : name;
            if (isBuiltin(target) || nodeOnly.test(target)) wrong.push(`${file} loads ${name}`);
            else if (target !== name) reached.add(target);
          }
        return wrong;
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
