// Builds the page into one script and one style sheet: into dist with the package, in memory where the sources run unbuilt.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const NOTICE = `/*! Contains Preact and @preact/signals. Copyright (c) 2015-present Jason Miller; Copyright (c) 2022-present Preact Team.
MIT License: https://github.com/preactjs/preact/blob/main/LICENSE */`;

export async function buildPage(): Promise<{ js: string; css: string }> {
  const { outputFiles } = await build({
    entryPoints: [
      { in: join(import.meta.dirname, "main.tsx"), out: "page" },
      { in: join(import.meta.dirname, "page.css"), out: "page" },
    ],
    outdir: "out",
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["es2022", "chrome110", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    banner: { js: NOTICE },
    logLevel: "silent",
  });
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { js: textOf(".js"), css: textOf(".css") };
}

if (import.meta.main) {
  const dist = join(import.meta.dirname, "../dist");
  const files = await buildPage();
  await mkdir(dist, { recursive: true });
  await Promise.all(Object.entries(files).map(([kind, text]) => writeFile(join(dist, `page.${kind}`), text)));
}
