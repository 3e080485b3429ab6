// ARCHITECTURE.md names what is there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, textOf } from "./pages.ts";

const page = textOf("ARCHITECTURE.md");
const core = join(root, "packages/core/src");
const emulator = join(root, "packages/emulator/src");

const paths = [...page.matchAll(/`([\w-]+\/[\w-]+\.ts)`/g)].map(([, path = ""]) => path);

test.each([...new Set(paths)])("%s exists", (path) => {
  expect(existsSync(join(core, path))).toBe(true);
});

const names = new Set([...page.matchAll(/`([\w-]+)\/?`/g)].map(([, name]) => name));

test.each([
  ["core", core],
  ["the emulator", emulator],
])("it names every folder of %s", (_name, folder) => {
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "test")
    .map(({ name }) => name);
  expect(folders.filter((name) => !names.has(name))).toEqual([]);
});

test("its states and their transitions are those of the code", () => {
  const code = readFileSync(join(core, "journal/states.ts"), "utf8");
  const inCode = [...code.matchAll(/^ {2}(\w+): \[(.*)\],$/gm)].map(([, state = "", next = ""]) => [
    state,
    [...next.matchAll(/\w+/g)].map(([name]) => name),
  ]);
  const rows = [...page.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\|$/gm)].map(([, state = "", next = ""]) => [
    state,
    [...next.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  ]);
  expect(rows).toEqual(inCode);
});
