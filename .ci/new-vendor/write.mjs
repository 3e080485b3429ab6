// A vendor's files from template/, in which the vendor is called acme.
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const template = join(import.meta.dirname, "template");
/** Folders, scripts and words that mean something else here; a vendor of that name could not be told from them. */
const RESERVED = new Set(
  "core vidtask emulator stores cli docs bench e2e ai-sdk-provider node adapter router schema testing index models map wire errors results files test vendor vendors".split(
    " ",
  ),
);
const KEYWORDS = new Set("default new class function return import export delete null true false undefined".split(" "));

/** What is wrong with a vendor's name, or nothing. */
export function nameProblem(name) {
  const shown = JSON.stringify(name);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return `the name ${shown} must be lower-case kebab, such as acme or acme-video`;
  if (name.length > 40) return `the name ${shown} must have at most 40 characters`;
  if (RESERVED.has(name) || KEYWORDS.has(name)) return `the name ${shown} is reserved; choose the vendor's own`;
  return undefined;
}

const named = (text, name) => {
  const pascal = name.replaceAll(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase());
  return text
    .replaceAll("ACME", name.toUpperCase().replaceAll("-", "_"))
    .replaceAll("Acme", pascal)
    .replaceAll("acme", name);
};

const files = () =>
  globSync(["**/*.*", ".changeset/*"], { cwd: template }).filter((file) => /\.(md|ts|json)$/.test(file));

/** Where something must not be yet. */
export const placesOf = (name) => [
  `packages/${name}`,
  `fixtures/${name}`,
  `packages/emulator/src/vendors/${name}`,
  `.changeset/${name}.md`,
];

const SOURCES = (name) => `
## ${name}

| fixture | mark | page |
|---|---|---|
| all | *composed* | none: invented by \`npm run new:vendor\`, to be replaced |
`;

/** Writes all files below `root`; their paths. */
export function write(name, root) {
  const written = [...new Set(files())].toSorted().map((file) => {
    const path = named(file, name);
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), named(readFileSync(join(template, file), "utf8"), name), { flag: "wx" });
    return path;
  });
  const sources = join(root, "fixtures/SOURCES.md");
  writeFileSync(sources, `${readFileSync(sources, "utf8").trimEnd()}\n${SOURCES(name)}`);
  return written;
}
