// The check `packages`: each tarball as npm, a bundler, a type-checker and a reader will find it. Nothing here asks a registry.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { problemKindInfo } from "@arethetypeswrong/core/problems";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { Outcome, Packed } from "./pack.ts";

type Rule = (packed: Packed) => string[] | Promise<string[]>;

/** Ways to resolve an import that ES modules leave behind: without `exports`, and by `require` of older Nodes. */
const NOT_SUPPORTED: ReadonlySet<string> = new Set(["node10", "node16-cjs"]);

const filesOf = ({ folder }: Packed, pattern = "**/*.*") => globSync(`{LICENSE,${pattern}}`, { cwd: folder });
const read = ({ folder }: Packed, file: string) => readFileSync(join(folder, file), "utf8");

const rules: Record<string, Rule> = {
  "publint finds nothing": async ({ tarball }) => {
    const { buffer } = new Uint8Array(readFileSync(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    return messages.map((message) => `${message.type}: ${formatMessage(message, pkg)}`);
  },
  "its types resolve as its code does": async ({ tarball }) => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    if (!analysis.types) return ["it has no types"];
    return analysis.problems
      .filter((problem) => !("resolutionKind" in problem && NOT_SUPPORTED.has(problem.resolutionKind)))
      .map((problem) => `${problemKindInfo[problem.kind].title}: ${JSON.stringify(problem)}`);
  },
  "package.json says what a registry shows": ({ manifest }) =>
    ["description", "keywords", "license", "author", "engines", "sideEffects"]
      .filter((field) => !(field in manifest))
      .map((field) => `${field} is missing`),
  "it holds what it is for, and nothing else": (packed) => {
    const files = filesOf(packed);
    const expected =
      /^(dist\/[\w/.-]+\.(js|js\.map|d\.ts)|dist\/page\.css|dist\/LICENSES\.md|assets\/[\w-]+\.mp4|package\.json|[A-Z]+\.md|LICENSE)$/;
    const missing = ["README.md", "CHANGELOG.md", "LICENSE"].filter((file) => !files.includes(file));
    return [
      ...files.filter((file) => !expected.test(file)).map((file) => `${file} is packed`),
      ...missing.map((file) => `${file} is missing`),
    ];
  },
  "its code is made of its own sources, which its source maps hold": (packed) =>
    filesOf(packed, "**/*.js").flatMap((file) => {
      if (!file.endsWith(".js")) return [];
      if (!existsSync(join(packed.folder, `${file}.map`))) return [`${file} has no source map`];
      const map = JSON.parse(read(packed, `${file}.map`)) as { sources: string[]; sourcesContent?: unknown[] };
      return map.sources.flatMap((source, index) => {
        const path = join(dirname(file), source);
        const isOwn = path.startsWith("src/") && !/\/test\/|\.(test|contract|verify)\.ts$/.test(path);
        // What core takes in comes with its licence.
        const [, inside] = /\/node_modules\/(zod)\//.exec(path) ?? [];
        const isTaken = inside !== undefined && read(packed, "dist/LICENSES.md").includes(`# ${inside} `);
        // The page is one script, with what it is made with inside.
        const isOfPage = file === "dist/page.js" && /^page\/|\/node_modules\/@?preact\//.test(path);
        return (isOwn || isTaken || isOfPage) && map.sourcesContent?.[index]
          ? []
          : [`${file} is made of ${path}, or does not hold it`];
      });
    }),
  // A program chooses its own: the DOM's globals, or Node's, would come with them.
  "its types bring no library and no global types": (packed) =>
    filesOf(packed, "**/*.d.ts").filter((file) => /^\/\/\/ <reference|^declare global\b/m.test(read(packed, file))),
  // The oldest that `npm run test:consumers` takes does not know that these take an argument, or a second one.
  "its types can be read by TypeScript 5.5": (packed) =>
    filesOf(packed, "**/*.d.ts").flatMap((file) =>
      [...read(packed, file).matchAll(/\bUint8Array<|\bAsync(Iterable|Iterator|IterableIterator)<[^<>]*,/g)].map(
        ([found]) => `${file} has ${found}`,
      ),
    ),
  "its pages link to what is in the tarball": (packed) =>
    filesOf(packed, "*.md").flatMap((file) =>
      [...read(packed, file).matchAll(/\]\((?!#|https?:)([^)#]+)/g)]
        .map(([, path = ""]) => path)
        .filter((path) => !existsSync(join(packed.folder, path)))
        .map((path) => `${file} links to ${path}`),
    ),
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
