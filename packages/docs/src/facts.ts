// The check `facts`: what fixtures/FACTS.md says holds a fact is a fixture, an interaction or a test that is there. Tests are
// taken from the reports of the last run, where a table's tests have their names.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Outcome } from "../../../.ci/pack.ts";

const root = join(import.meta.dirname, "../../..");
const VENDORS = ["apixo", "aivideoapi", "apimodels"];
/** A name in quotes may hold code; the word before it says which file has the test, and holds for those that follow. */
const WORDS = /"([^"]+)"|«([^»]+)»|`([\w.*-]+\.json)`|`([\w-]+\.test\.ts)`|\b(client|map|models|emulator)\b/g;

type Named = { kind: "test" | "interaction" | "fixture"; where: string; name: string };

export function checkFacts(): Outcome {
  const named = namesIn(readFileSync(join(root, "fixtures/FACTS.md"), "utf8"));
  const problems = named
    .filter((one) => !exists(one))
    .map(({ kind, where, name }) => `fixtures/FACTS.md: there is no ${kind} "${name}" in ${where}`);
  if (named.length === 0) problems.push("fixtures/FACTS.md names nothing");
  const failed = problems.length;
  return {
    passed: failed === 0 ? 1 : 0,
    failed,
    problems,
    notes: [`${named.length} fixtures, interactions and tests named`],
  };
}

/** The last cell of each row below a vendor's heading. */
function namesIn(text: string): Named[] {
  let vendor: string | undefined;
  return text.split("\n").flatMap((line) => {
    if (line.startsWith("## ")) vendor = VENDORS.find((name) => name === line.slice(3).toLowerCase());
    const held = line.split(/(?<!\\)\|/).at(-2);
    if (vendor === undefined || held === undefined || !line.startsWith("|")) return [];
    return namesInCell(vendor, held);
  });
}

function namesInCell(vendor: string, held: string): Named[] {
  let where = `packages/${vendor}/src/${vendor}.test.ts`;
  const found: Named[] = [];
  for (const [, quoted, interaction, fixture, testFile, word] of held.matchAll(WORDS)) {
    if (quoted !== undefined) found.push({ kind: "test", where, name: quoted });
    if (interaction !== undefined)
      found.push({ kind: "interaction", where: `contracts/vidtask-${vendor}.json`, name: interaction });
    if (fixture !== undefined) found.push({ kind: "fixture", where: `fixtures/${vendor}`, name: fixture });
    if (testFile !== undefined) where = globSync(`packages/emulator/src/**/${testFile}`, { cwd: root })[0] ?? testFile;
    if (word === "client") where = `packages/${vendor}/src/${vendor}.test.ts`;
    if (word === "map" || word === "models") where = `packages/${vendor}/src/${word}.test.ts`;
    if (word === "emulator") where = `packages/emulator/src/vendors/${vendor}/${vendor}.test.ts`;
  }
  return found;
}

function exists({ kind, where, name }: Named): boolean {
  if (kind === "fixture") return globSync(name, { cwd: join(root, where) }).length > 0;
  const names = kind === "test" ? testsOf(where) : interactionsOf(where);
  // "…" stands for any text.
  const parts = name.split(/\s*…\s*/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const pattern = new RegExp(`^${parts.join(".*")}$`);
  return names.some((one) => pattern.test(one));
}

/** The titles of a file's tests, and of the groups they are in. */
function testsOf(file: string): string[] {
  const folder = dirname(file.replace(/\/src\/.*/, "/src"));
  const path = join(root, folder, ".reports/unit.json");
  if (!existsSync(path)) throw new Error(`${folder} has no report. Run: npm run check -- test`);
  const { testResults } = JSON.parse(readFileSync(path, "utf8")) as {
    testResults: { name: string; assertionResults: { title: string; ancestorTitles: string[] }[] }[];
  };
  return testResults
    .filter(({ name }) => name.endsWith(`/${file}`))
    .flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ title, ancestorTitles }) => [title, ...ancestorTitles]),
    );
}

function interactionsOf(file: string): string[] {
  const { interactions } = JSON.parse(readFileSync(join(root, file), "utf8")) as {
    interactions: { description: string }[];
  };
  return interactions.map(({ description }) => description);
}
