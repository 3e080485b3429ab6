// `npm run new:vendor acme`: a package, an emulator's dialect, fixtures and a contract test of an invented vendor, to be edited.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { nameProblem, placesOf, write } from "./write.mjs";

const repository = join(import.meta.dirname, "../..");
const help = `Usage: npm run new:vendor <name>        as in: npm run new:vendor acme

Writes a vendor package that works, of an invented vendor, and says what is left to do.
<name> is lower-case kebab: letters, digits and single hyphens, from a letter on.

Exit codes: 0 written, 2 wrong usage (nothing was written).
  --into <folder>   write into another copy of the repository
  --help            this text
`;

function refuse(problem) {
  process.stderr.write(`new:vendor: ${problem}\nSee npm run new:vendor -- --help\n`);
  process.exit(2);
}

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" }, into: { type: "string" } },
    });
  } catch (error) {
    return refuse(error.message);
  }
}

const { values, positionals } = asked();
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
if (positionals.length !== 1) refuse(`expected one name, got ${positionals.length}`);
const [name] = positionals;
const root = values.into ?? repository;
if (!existsSync(join(root, "fixtures/SOURCES.md")))
  refuse(`--into ${root}: no fixtures/SOURCES.md there; name a copy of the repository`);
const problem = nameProblem(name);
if (problem) refuse(problem);
const taken = placesOf(name).find((place) => existsSync(join(root, place)));
if (taken) refuse(`${taken} exists; choose another name, or remove it`);

const files = write(name, root);
const code = files.filter((file) => /\.(ts|json)$/.test(file) && !file.startsWith("fixtures/"));
const formatter = join(repository, "node_modules/.bin/oxfmt");
const formatted = spawnSync(formatter, code, { cwd: root, encoding: "utf8" });
if (formatted.status !== 0) process.stderr.write(`The formatter did not run; run npm run format.\n`);

process.stdout.write(`Written:
${files.map((file) => `  ${file}`).join("\n")}

Everything in them is invented. Now:
  npx pnpm install
  npx pnpm --filter @vidtask/${name} test

What is left for you (packages/docs/guides/add-a-vendor.md has each step):
  facts       replace the composed fixtures by bodies of the vendor's pages; mark and page in fixtures/SOURCES.md
  limits      models.ts: fields, limits, defaults, times, each with its page; wire.ts, errors.ts: the vendor's words
  money       prices, and whether a failed task is refunded; without a page: no price, billed "unknown"
  emulator    packages/emulator/src/vendors/${name}: from the pages, not from the client; then register it in vendors/index.ts
  contract    every documented body; then npm run check -- contract verify
  tables      .dependency-cruiser.mjs (vendors), VENDORS.md, fixtures/FACTS.md, contracts/README.md, the READMEs
  umbrella    packages/vidtask: dependency, subpath, factory
  release     take "private" out of package.json; name vidtask and @vidtask/emulator in changesets
`);
