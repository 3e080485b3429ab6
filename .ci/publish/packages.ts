// The check `packages`: each tarball as npm, a bundler, a type-checker and a reader will find it. Nothing here asks a registry.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { Outcome, Packed } from "./pack.ts";

type Rule = (packed: Packed) => string[] | Promise<string[]>;

const RELATIVE_LINKS = /\]\((?!#|https?:)([^)#]+)/g;
const read = ({ folder }: Packed, file: string) => readFileSync(join(folder, file), "utf8");
const mapsOf = (packed: Packed) =>
  packed.files
    .filter((file) => file.endsWith(".map"))
    .map((file) => ({
      file,
      ...(JSON.parse(read(packed, file)) as { sources: string[]; sourcesContent?: unknown[] }),
    }));

/** Relative links of its pages. They need `repository` to lead anywhere on a registry's page. */
export const linksOf = (packed: Packed): string[] =>
  packed.files
    .filter((file) => /^[A-Z]+\.md$/.test(file) && file !== "CHANGELOG.md")
    .flatMap((file) => [...read(packed, file).matchAll(RELATIVE_LINKS)].map(([, path = ""]) => path));

const rules: Record<string, Rule> = {
  "publint finds nothing": async ({ folder }) => {
    // The tarball is unpacked there: all of it is published.
    const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true });
    return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
  },
  "its types resolve as its code does": async ({ tarball }) => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    if (!result.types) return ["it has no types"];
    // ES modules only: `require` of older Nodes and resolution without `exports` are not supported, and say so.
    const wanted = result.problems.filter(
      (problem) => !("resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)),
    );
    return wanted.map((problem) => JSON.stringify(problem));
  },
  "package.json says what a registry shows": ({ manifest }) => {
    const { license, author, description, keywords, engines, sideEffects, type, publishConfig } = manifest;
    const wanted = {
      license: license === "MIT",
      author: author === "the vidtask authors",
      description: typeof description === "string" && description.length > 40,
      keywords: Array.isArray(keywords) && keywords.length > 3,
      engines: (engines as { node?: string } | undefined)?.node === ">=22.13",
      sideEffects: sideEffects === false,
      type: type === "module",
      publishConfig: (publishConfig as { access?: string } | undefined)?.access === "public",
    };
    return Object.entries(wanted).flatMap(([field, isGood]) =>
      isGood ? [] : [`${field}: ${JSON.stringify(manifest[field])}`],
    );
  },
  "every export has types and code, and every range can be installed": ({ manifest, files }) => [
    ...Object.entries(manifest.exports ?? { ".": { types: "", default: "" } }).flatMap(
      ([entry, { types, default: code }]) =>
        [types, code].flatMap((path) =>
          files.includes(path.replace("./", "")) ? [] : [`exports["${entry}"]: ${path} is not packed`],
        ),
    ),
    ...Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }).flatMap(([name, range]) =>
      /^(\^|>=)?\d/.test(range) ? [] : [`${name}: ${range} means nothing outside of this repository`],
    ),
  ],
  "it holds what it is for, and nothing else": ({ files, source }) => {
    const expected =
      /^(dist\/[\w/.-]+\.(js|js\.map|d\.ts)|package\.json|(README|ERRORS|FAULTS|VENDORS|CHANGELOG)\.md|LICENSE)$/;
    const asset = /^assets\/[\w-]+\.mp4$/;
    const odd = files.filter((file) => !expected.test(file) && !(source === "packages/emulator" && asset.test(file)));
    const missing = ["README.md", "LICENSE"].filter((file) => !files.includes(file));
    return [...odd.map((file) => `${file} is packed`), ...missing.map((file) => `${file} is missing`)];
  },
  "its code is its own sources, and no test": (packed) =>
    mapsOf(packed).flatMap(({ file, sources }) =>
      sources
        .map((path) => join(dirname(file), path))
        .filter((path) => !path.startsWith("src/") || /\/test\/|\.(test|contract|verify)\.ts$/.test(path))
        .map((path) => `${file} is made of ${path}`),
    ),
  "its source maps work from the tarball": (packed) => [
    ...packed.files
      .filter((file) => file.endsWith(".js") && !packed.files.includes(`${file}.map`))
      .map((file) => `${file} has none`),
    ...mapsOf(packed).flatMap(({ file, sources, sourcesContent = [] }) =>
      sources.flatMap((source, index) => (sourcesContent[index] ? [] : [`${file} does not hold ${source}`])),
    ),
  ],
  // A program chooses its own: the DOM's globals, or Node's, would come with them.
  "its types bring no library and no global types": (packed) =>
    packed.files
      .filter((file) => file.endsWith(".d.ts"))
      .filter((file) => /^\/\/\/ <reference|^declare global\b/m.test(read(packed, file))),
  "its pages link to what is in the tarball": (packed) =>
    linksOf(packed).filter((path) => !packed.files.includes(path)),
};

export async function checkPackages(packages: readonly Packed[]): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failed: 0, problems: [] };
  for (const packed of packages)
    for (const [rule, find] of Object.entries(rules)) {
      const found = await find(packed);
      if (found.length === 0) outcome.passed++;
      else {
        outcome.failed++;
        outcome.problems.push([`${packed.name}: broken: ${rule}`, ...found].join("\n  "));
      }
    }
  return outcome;
}
