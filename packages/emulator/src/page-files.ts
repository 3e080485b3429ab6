// The script and the style sheet of the page: built with the package, or on demand where the sources run unbuilt.
import { readFile } from "node:fs/promises";

export interface PageFiles {
  js: string;
  css: string;
}

/** Beside src and beside dist alike; the sources of the page are not published. */
const unbuilt = import.meta.url.endsWith(".ts");

let files: Promise<PageFiles> | undefined;

export function pageFiles(): Promise<PageFiles> {
  files ??= (unbuilt ? build() : read()).catch((error: unknown) => {
    files = undefined;
    throw error;
  });
  return files;
}

const read = async (): Promise<PageFiles> => {
  const [js, css] = await Promise.all(
    ["page.js", "page.css"].map((name) => readFile(new URL(`../dist/${name}`, import.meta.url), "utf8")),
  );
  return { js: js ?? "", css: css ?? "" };
};

async function build(): Promise<PageFiles> {
  const { buildPage } = (await import(new URL("../page/build.ts", import.meta.url).href)) as {
    buildPage(): Promise<PageFiles>;
  };
  return await buildPage();
}
