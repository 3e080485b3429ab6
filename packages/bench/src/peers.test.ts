// The pages show what was measured, and what was measured of this library is what it promises.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../../.ci/pack.ts";
import { brokenPromises } from "./peers.ts";
import type { PaidPosts } from "./peers/measures/paid-posts.ts";
import { pagesOf } from "./peers/pages.ts";
import { peers } from "./peers/peers.ts";
import { readResults } from "./peers/results.ts";

const results = readResults();

const pages = pagesOf(results).map((page) => ({ ...page, name: basename(page.file) }));

test.each(pages)("$name shows results/peers.json", async ({ file, text }) => {
  expect(await readFile(file, "utf8")).toBe(text);
});

test("what was measured of this library is what it promises", () => {
  expect(brokenPromises(results)).toEqual([]);
});

test("each client was measured, in the version that is installed", async () => {
  const manifest = await readFile(join(import.meta.dirname, "../peers/package.json"), "utf8");
  const { dependencies } = JSON.parse(manifest) as { dependencies: { [name: string]: string } };
  const installed = peers.map(({ name, packages }) => ({
    name,
    versions: packages.filter((each) => each in dependencies).map((each) => `${each} ${dependencies[each]}`),
  }));
  const measured = results.peers.map(({ name, versions }) => ({
    name,
    versions: versions.filter((each) => !each.startsWith("@vidtask/")),
  }));
  expect(measured).toEqual(installed);
});

test("a loop over a bare fetch pays once in virtual time, and once more when it is called again", async () => {
  const program = join(import.meta.dirname, "peers/peer-program.ts");
  const printed = await run(process.execPath, [
    program,
    "paid-posts",
    "a bare fetch loop",
    join(import.meta.dirname, "peers/peer.ts"),
  ]);
  const [{ faults } = { faults: [] }] = JSON.parse(printed) as PaidPosts;
  expect(faults.map(({ posts, postsInTwoCalls, isDone }) => [posts, postsInTwoCalls, isDone])).toEqual(
    Array.from({ length: 7 }, () => [1, 2, false]),
  );
});
