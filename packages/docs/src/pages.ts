// The pages of the documentation, and the code blocks in them.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export const root = join(import.meta.dirname, "../../..");

/** Every Markdown file that a reader meets, as a path from the root. */
export const pages: readonly string[] = globSync(
  ["*.md", "contracts/*.md", "fixtures/*.md", "packages/*/*.md", "packages/docs/guides/*.md"],
  { cwd: root },
).toSorted();

export const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

export type Block = { page: string; language: string; code: string };

/** The fenced blocks of one language, in order. A block inside of a list is left alone. */
export const blocksOf = (language: string): Block[] =>
  pages.flatMap((page) =>
    [...textOf(page).matchAll(/^```(\w+)\n(.*?)^```/gms)]
      .filter(([, found]) => found === language)
      .map(([, , code = ""]) => ({ page, language, code })),
  );

export type Sample = { name: string; page: string; code: string; /** Where it is written to. */ file: string };

/** Inside of this package, so that samples resolve what a user of them would have installed. Unseen by git. */
export const sampleFolder = join(import.meta.dirname, "../.readme");

/** Every `ts` block. Its first line may name its file, for other samples of the page to import. */
export const samples: readonly Sample[] = pages.flatMap((page) =>
  blocksOf("ts")
    .filter((block) => block.page === page)
    .map(({ code }, index) => {
      const [, path = `sample-${index + 1}.ts`] = /^\/\/ ([\w[\]/-]+(?:\.test)?\.ts)\n/.exec(code) ?? [];
      const folder = page.replaceAll("/", "-").replace(/\.md$/, "");
      return { name: `${page} #${index + 1}, ${basename(path)}`, page, code, file: join(sampleFolder, folder, path) };
    }),
);

/** The sample of a page that is named `path`. */
export function sampleAt(page: string, path: string): string {
  const found = samples.find((sample) => sample.page === page && sample.file.endsWith(`/${path}`));
  if (!found) throw new Error(`${page} has no sample ${path}`);
  return found.file;
}
