// Builds the page into one script and one style sheet: into dist with the package, in memory where the sources run unbuilt.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const dist = join(import.meta.dirname, "../dist");

const NOTICE = `/*! Contains Preact and @preact/signals. Copyright (c) 2015-present Jason Miller; Copyright (c) 2022-present Preact Team.
MIT License: https://github.com/preactjs/preact/blob/main/LICENSE */`;

export async function buildPage(): Promise<{ js: string; css: string; map: string }> {
  const { outputFiles } = await build({
    entryPoints: [
      { in: join(import.meta.dirname, "main.tsx"), out: "page" },
      { in: join(import.meta.dirname, "page.css"), out: "page" },
    ],
    outdir: dist,
    sourcemap: "external",
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
  return { js: textOf("page.js"), css: textOf("page.css"), map: textOf("page.js.map") };
}

if (import.meta.main) {
  const { js, css, map } = await buildPage();
  await mkdir(dist, { recursive: true });
  for (const [name, text] of Object.entries({ "page.js": js, "page.css": css, "page.js.map": map }))
    await writeFile(join(dist, name), text);
}
