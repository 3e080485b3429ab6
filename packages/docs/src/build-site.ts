// `npm run docs`: installs VitePress under site/, apart from the workspace, and builds the pages and the API reference into out/docs.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { env, execPath, exit, stdout } from "node:process";
import { root } from "./pages.ts";

const site = join(import.meta.dirname, "../site");
const out = join(root, "out/docs");
const copies = join(site, ".pages");
const bin = (folder: string, name: string) => join(folder, "node_modules/.bin", name);

function run(file: string, args: string[], cwd: string): void {
  const { status } = spawnSync(file, args, { cwd, stdio: "inherit", env: { ...env, CI: "true" } });
  if (status !== 0) exit(status ?? 1);
}

if (!existsSync(bin(root, "pnpm"))) {
  stdout.write("Run `npm start` or `npm test` first: it installs what this needs.\n");
  exit(1);
}
run(bin(root, "pnpm"), ["install", "--frozen-lockfile"], site);

/** Where a page of the repository is on the site. */
const placeOf = (file: string): string =>
  file
    .replace(/^packages\/docs\//, (folder) => (file.startsWith(`${folder}guides/`) ? "" : "guides/"))
    .replace(/(^|\/)README\.md$/, "$1index.md");

const sources = new Set(
  globSync(
    ["*.md", "contracts/*.md", "fixtures/*.md", "packages/*/*.md", "packages/docs/guides/*.md", "packages/bench/*.svg"],
    {
      cwd: root,
    },
  ),
);

/** A page with its links led to the pages of the site. A link to a source means the repository: here it is plain text. */
const onSite = (file: string, text: string): string =>
  text.replaceAll(
    /\[((?:[^[\]]|\[[^\]]*\])*)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)/g,
    (_link, label: string, path: string, anchor = "") => {
      const target = join(dirname(file), path);
      if (!sources.has(target)) return label;
      return `[${label}](${relative(dirname(placeOf(file)), placeOf(target)).replace(/^(?!\.)/, "./")}${anchor})`;
    },
  );

rmSync(copies, { recursive: true, force: true });
for (const file of sources) {
  const place = join(copies, placeOf(file));
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(
    place,
    file.endsWith(".md") ? onSite(file, readFileSync(join(root, file), "utf8")) : readFileSync(join(root, file)),
  );
}
run(bin(site, "vitepress"), ["build", "."], site);

run(execPath, [join(import.meta.dirname, "api-reference.mjs")], root);
cpSync(join(root, "out/api"), join(out, "api"), { recursive: true });
stdout.write(
  `${relative(root, join(out, "index.html"))}: serve that folder, with \`npx http-server out/docs\` for example\n`,
);
