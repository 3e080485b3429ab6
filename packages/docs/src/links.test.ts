// No link of the documentation leads nowhere; what a tarball holds stays in the tarball.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { pages, root, textOf } from "./pages.ts";

const prose = (page: string) => textOf(page).replaceAll(/^```.*?^```/gms, "");

/** The relative links of a page: file, as a path from the root, and anchor. */
const linksOf = (page: string) =>
  [...prose(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(([, path = "", anchor]) => ({
    target: path === "" ? page : normalize(join(dirname(page), decodeURIComponent(path))),
    anchor,
  }));

/** As the hosts of repositories make it from a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
const anchorsOf = (page: string) =>
  [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));

test.each(pages)("every link of %s leads to a file", (page) => {
  expect(linksOf(page).filter(({ target }) => !existsSync(join(root, target)))).toEqual([]);
});

test.each(pages)("every anchor of %s is a heading", (page) => {
  const anchored = linksOf(page).filter(({ target, anchor }) => anchor !== undefined && target.endsWith(".md"));
  expect(anchored.filter(({ target, anchor = "" }) => !anchorsOf(target).includes(anchor))).toEqual([]);
});

describe("once installed", () => {
  const packages = globSync("packages/*/package.json", { cwd: root })
    .map((file) => ({
      folder: dirname(file),
      ...(JSON.parse(readFileSync(join(root, file), "utf8")) as { private?: boolean; files?: string[] }),
    }))
    .filter((it) => !it.private);
  const packed = packages.flatMap(({ folder, files = [] }) =>
    pages.filter((page) => files.some((name) => page === `${folder}/${name}`)).map((page) => ({ page, folder, files })),
  );

  test("every published package packs its README", () => {
    const readmes = packed.filter(({ page }) => page.endsWith("/README.md"));
    expect(readmes.map(({ folder }) => folder)).toEqual(packages.map(({ folder }) => folder));
  });

  test.each(packed)("$page links only to what is in its tarball", ({ page, folder, files }) => {
    const inside = new Set(files.map((name) => `${folder}/${name}`));
    expect(linksOf(page).filter(({ target }) => !inside.has(target))).toEqual([]);
  });
});
