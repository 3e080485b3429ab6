// The check `hover`: what an editor tells of each model's request, read from the built declarations as an editor does.
import { join } from "node:path";
import ts from "typescript";
import type { Outcome, Project } from "../../../../.ci/pack.ts";
import { compilerOptions, type Setting } from "./matrix.ts";
import { serviceOver } from "./service.ts";

const ofEditor: Setting = { platform: "web", resolution: "bundler", exact: true };

/** Core's own members of every request: no page of a vendor is behind them. */
const OF_CORE = new Set(["model", "extraBody"]);
const PAGE = /\bpage\b|\/docs\//;

/** Files beside the packages. A program is made anew when one was written, so many are written before one is read. */
type Editor = { service: ts.LanguageService; write(text: string): string };
/** A package, and the file that imports it. */
type Door = { vendor: string; file: string };
/** The type of one model's request, and the union of its vendor's, which has the factory's name. */
type Request = { vendor: string; union: string; name: string; model: string; fields: readonly string[] };
type Union = { vendor: string; union: string; named: readonly Request[] };

export function checkHover({ folder, packages }: Project): Outcome {
  const editor = openEditor(folder);
  const doors = packages
    .filter(({ manifest }) => Object.hasOwn(Object(manifest.exports), "."))
    .map(({ name }) => ({ vendor: name, file: editor.write(`import * as all from "${name}";\nexport { all };`) }));
  const unions = doors
    .flatMap((door) => unionsOf(door, editor))
    .map((one) => ({ ...one, file: editor.write(declarationOf(one)) }));
  const requests = unions.flatMap((union) => requestsOf(union, editor));
  const looks = requests.flatMap((request) => [docstrings(request, editor), mistakes(request, editor)]);
  const told = looks.flatMap((look) => look());
  const problems = told.filter((problem) => problem !== "");
  if (told.length === 0) problems.push("no package has a request");
  return { passed: told.length - problems.length, failed: problems.length, problems };
}

/** Core, the emulator and the umbrella have none of their own. */
function unionsOf({ vendor, file }: Door, { service }: Editor): Union[] {
  const program = service.getProgram();
  const checker = program?.getTypeChecker();
  const statement = program?.getSourceFile(file)?.statements[0];
  const specifier = statement && ts.isImportDeclaration(statement) ? statement.moduleSpecifier : undefined;
  const module = specifier && checker?.getSymbolAtLocation(specifier);
  if (!checker || !module) throw new Error(`${vendor} is no module`);
  const home = `/node_modules/${vendor}/`;
  const own = checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter(({ declarations }) => declarations?.some((one) => one.getSourceFile().fileName.includes(home)));
  const unionOf = (factory: string) => `${factory.replace(/^create/, "")}Request`;
  const factory = own.find(
    ({ name }) => name.startsWith("create") && own.some((other) => other.name === unionOf(name)),
  )?.name;
  if (factory === undefined) return [];
  const union = unionOf(factory);
  const named = own
    .filter(({ name }) => name.endsWith("Request") && name !== union)
    .map((symbol) => ({
      vendor,
      union,
      name: symbol.name,
      ...shapeOf(checker.getDeclaredTypeOfSymbol(symbol), checker),
    }));
  return [{ vendor, union, named }];
}

function shapeOf(type: ts.Type, checker: ts.TypeChecker) {
  const property = type.getProperty("model");
  const literal = property && checker.getTypeOfSymbol(property);
  const model = literal?.isStringLiteral() ? literal.value : "";
  return { model, fields: type.getProperties().map(({ name }) => name) };
}

const declarationOf = ({ vendor, union }: Union) =>
  `import type { ${union} } from "${vendor}";\nexport declare const it: ${union};`;

/** The requests of a vendor's union, each under a name of its own or the one that the union gives it. */
function requestsOf({ vendor, union, named, file }: Union & { file: string }, { service }: Editor): Request[] {
  const program = service.getProgram();
  const checker = program?.getTypeChecker();
  const statement = program?.getSourceFile(file)?.statements[1];
  const it = statement && ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : undefined;
  if (!checker || !it) throw new Error(`${union} cannot be read`);
  const type = checker.getTypeAtLocation(it);
  // A model without a type of its own has `Union<"its-id">`, which says the same in more words.
  const unnamed = (type.isUnion() ? type.types : [type])
    .map((one) => shapeOf(one, checker))
    .filter(({ model }) => !named.some((request) => request.model === model))
    .map(({ model, fields }) => ({ vendor, union, name: `${union}<"${model}">`, model, fields }));
  if (unnamed.some(({ model }) => model === "")) throw new Error(`a request of ${union} names no model`);
  return [...named, ...unnamed];
}

/** One entry a field: what is wrong with what a pointer over it shows, or nothing. */
function docstrings({ vendor, name, fields }: Request, { write, service }: Editor): () => string[] {
  const head = `import type { ${name.replace(/<.*/, "")} } from "${vendor}";\ndeclare const it: ${name};\n`;
  const lines = fields.map((field) => `void it.${field};`);
  const file = write(head + lines.join(""));
  return () =>
    fields.map((field, index) => {
      const before = head.length + lines.slice(0, index).join("").length;
      const info = service.getQuickInfoAtPosition(file, before + "void it.".length);
      const parts = [info?.documentation, ...(info?.tags ?? []).map(({ text }) => text)];
      const shown = parts.map((part) => ts.displayPartsToString(part)).join(" ");
      if (shown.trim() === "") return `${name}.${field} has no docstring`;
      return OF_CORE.has(field) || PAGE.test(shown) ? "" : `${name}.${field} names no page: ${shown}`;
    });
}

/** What an editor says of a wrong field, and offers after the model, where any of the vendor's requests may stand. */
function mistakes({ vendor, union, name, model, fields }: Request, { write, service }: Editor): () => string[] {
  const text = `import type { ${union} } from "${vendor}";
export const it: ${union} = { model: "${model}", noSuchField: 1, };`;
  const file = write(text);
  return () => {
    const errors = service
      .getSemanticDiagnostics(file)
      .map((one) => ts.flattenDiagnosticMessageText(one.messageText, ""));
    const wanted = `'noSuchField' does not exist in type '{ model: "${model}"; `;
    const offered = service.getCompletionsAtPosition(file, text.length - 2, {})?.entries ?? [];
    const names = offered.map((entry) => entry.name).toSorted();
    const missing = fields.filter((field) => field !== "model").toSorted();
    return [
      errors.length === 1 && errors[0]?.includes(wanted) ? "" : `${union}: ${errors.join("; ")}; wanted: ${wanted}`,
      String(names) === String(missing) ? "" : `after the model of ${name} an editor offers ${names}, not ${missing}`,
    ];
  };
}

/** What is written is in a folder beside the packages, but not on the disk. */
function openEditor(folder: string): Editor {
  const texts = new Map<string, string>();
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions(ofEditor), folder);
  const service = serviceOver(folder, options, [], texts);
  const write = (text: string) => {
    const file = join(folder, `hover-${texts.size}.ts`);
    texts.set(file, text);
    return file;
  };
  return { service, write };
}
