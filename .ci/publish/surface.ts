// `npm run surface`, and the check of that name: what each package exports, printed from its built types and compared
// with .ci/surface, so that a change of it is a diff that somebody has seen.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { packedProject, type Outcome, type Packed, type Project } from "./pack.ts";
import { root } from "./run.ts";

const LIB = ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"];
const printer = ts.createPrinter({ removeComments: true });
const fileOf = ({ source }: Packed) => `.ci/surface/${basename(source)}.txt`;

const entriesOf = ({ name, folder, manifest }: Packed) =>
  Object.entries(manifest.exports ?? {}).map(([entry, { types }]) => ({
    entry: name + entry.slice(1),
    file: join(folder, types),
  }));

/** The exports of every entry of a package, each declared where it is first met; then the types they use that have no exported name. */
function surfaceOf(packed: Packed, program: ts.Program): string {
  const checker = program.getTypeChecker();
  const printed = new Set<ts.Symbol>();
  const sections = entriesOf(packed).map(({ entry, file }) => printEntry(entry, file));
  const hidden = reachable(printed);
  if (hidden.length > 0) sections.push(["# not exported, but part of the above", ...hidden.map(declared)]);
  return `${sections.flat().join("\n\n")}\n`;

  function printEntry(entry: string, file: string): string[] {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (!source || !module) throw new Error(`${file} is no module`);
    const exported = checker
      .getExportsOfModule(module)
      .map((symbol) => ({ name: symbol.name, target: original(symbol) }))
      .filter(({ target }) => own(target).length > 0)
      .toSorted(byName);
    return [
      `# ${entry}`,
      ...source.statements.filter((node) => ts.isExportDeclaration(node) && isFromElsewhere(node)).map(print),
      ...exported.map(({ name, target }) => {
        if (printed.has(target)) return `${name}: as above`;
        printed.add(target);
        return `${declared(target)}${name === target.name ? "" : `\n// its name is ${name}`}`;
      }),
    ];
  }

  function original(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  /** Its declarations at the top of this package's files. */
  function own(symbol: ts.Symbol): ts.Node[] {
    return (symbol.declarations ?? [])
      .map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node))
      .filter(
        (node) =>
          node.parent?.kind === ts.SyntaxKind.SourceFile &&
          node.getSourceFile().fileName.startsWith(`${packed.folder}/`),
      );
  }

  function declared(symbol: ts.Symbol): string {
    return own(symbol).map(print).join("\n");
  }

  function reachable(from: ReadonlySet<ts.Symbol>): ts.Symbol[] {
    const seen = new Set(from);
    const visit = (node: ts.Node): void => {
      const found = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
      const symbol = found && original(found);
      if (symbol && !seen.has(symbol) && own(symbol).length > 0) {
        seen.add(symbol);
        own(symbol).forEach(visit);
      }
      node.forEachChild(visit);
    };
    for (const symbol of from) own(symbol).forEach(visit);
    return [...seen].filter((symbol) => !from.has(symbol)).toSorted(byName);
  }
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

const isFromElsewhere = ({ moduleSpecifier }: ts.ExportDeclaration): boolean =>
  moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) && !moduleSpecifier.text.startsWith(".");

const print = (node: ts.Node): string =>
  printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replace(/^(export )?declare /, "");

export function checkSurface({ folder, packages }: Project, update = false): Outcome {
  const outcome: Outcome = { passed: 0, failed: 0, problems: [] };
  const program = ts.createProgram(
    packages.flatMap(entriesOf).map(({ file }) => file),
    { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, lib: LIB, types: [] },
  );
  for (const packed of packages) {
    const file = fileOf(packed);
    const path = join(root, file);
    const now = surfaceOf(packed, program);
    if (update) writeFileSync(path, now);
    const committed = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (committed === now) outcome.passed++;
    else {
      outcome.failed++;
      const fresh = join(folder, "surface.txt");
      writeFileSync(fresh, now);
      if (!committed) writeFileSync(`${fresh}.none`, "");
      outcome.problems.push(
        `${file} is not what ${packed.name} exports:\n${diff(committed ? path : `${fresh}.none`, fresh)}`,
      );
    }
  }
  if (outcome.failed > 0)
    outcome.problems.push("If the change is wanted: npm run surface -- --update, a changeset, and commit both.");
  return outcome;
}

function diff(before: string, after: string): string {
  try {
    execFileSync("git", ["--no-pager", "diff", "--no-index", "--no-color", before, after], { encoding: "utf8" });
    return "";
  } catch (error) {
    // git ends with 1 when there is a difference; the first four lines name the files.
    return String((error as { stdout?: string }).stdout)
      .split("\n")
      .slice(4)
      .join("\n");
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { update: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help)
    console.log("npm run surface              what differs from .ci/surface\nnpm run surface -- --update  writes them");
  else {
    console.error("building …");
    const { passed, failed, problems } = checkSurface(await packedProject(), values.update);
    console.log([...problems, `${passed} as committed, ${failed} not`].join("\n"));
    process.exitCode = failed > 0 ? 1 : 0;
  }
}
