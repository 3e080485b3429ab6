// The API reference of what is published, from its docstrings: `npm run api` writes it to out/api; with `--check` it is
// only looked at: every exported name, method and option has a docstring, and every link leads somewhere.
import { globSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { Application, Converter, LogLevel, MinimalSourceFile, normalizePath, ReflectionKind } from "typedoc";
import ts from "typescript";

const root = join(import.meta.dirname, "../../..");
const out = join(root, "out", "api");
const [mode, ...more] = process.argv.slice(2);
const isCheck = mode === "--check";
if ((mode && !isCheck) || more.length > 0) {
  process.stderr.write(
    "usage: npm run api -- [--check]   writes the API reference to out/api; --check writes nothing\n",
  );
  process.exit(mode === "--help" ? 0 : 2);
}

const oursIn = ({ dependencies = {} }) => Object.values(dependencies).filter((v) => v.startsWith("workspace:")).length;
// What others re-export comes first: a name is documented where it is met first, and the others point there.
const packages = globSync("packages/*/package.json", { cwd: root })
  .map((file) => ({ folder: join(root, file, ".."), ...JSON.parse(readFileSync(join(root, file), "utf8")) }))
  .filter((p) => !p.private && p.exports)
  .toSorted((a, b) => oursIn(a) - oursIn(b));
const entries = packages.flatMap(({ name, folder, exports }) =>
  Object.entries(exports).map(([path, source]) => ({
    name: join(name, path),
    file: join(folder, source.default ?? source),
  })),
);

function convert(app) {
  const files = entries.map(({ file }) => file);
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  const { ParseAll, ParseNone } = ts.JSDocParsingMode;
  // Only the docstrings of what is ours are read.
  host.getSourceFile = (file, how, ...more) =>
    getSourceFile(file, { ...how, jsDocParsingMode: file.includes("/node_modules/") ? ParseNone : ParseAll }, ...more);
  const program = ts.createProgram(files, options, host);
  return app.converter.convert(
    entries.map(({ name, file }) => ({ displayName: name, program, sourceFile: program.getSourceFile(file) })),
  );
}

/** Puts each package's README on its page, and leads links to it there. */
function addReadmes(app, project) {
  for (const { name, folder } of packages) {
    // A package without a front door has it on the page of its first one.
    const page = project.getChildByName([name]) ?? project.children.find((one) => one.name.startsWith(`${name}/`));
    const file = normalizePath(join(folder, "README.md"));
    const source = new MinimalSourceFile(readFileSync(file, "utf8").replace(/^# .*\n/, ""), file);
    page.readme = app.converter.parseRawComment(source, project.files).content;
    project.files.registerReflectionPath(file, page);
  }
}

/** Beside TypeDoc's own validation, which asks for all members of all types or for none: those of classes, interfaces and options. */
function undocumentedMembers(project) {
  const isAsked = (it) => it?.kindOf(ReflectionKind.ClassOrInterface) || /(Options|Spec)$/.test(it?.name ?? "");
  return project
    .getReflectionsByKind(ReflectionKind.Property | ReflectionKind.Method)
    .filter((member) => !member.name.startsWith("[") && [member.parent, member.parent?.parent].some(isAsked))
    .filter((member) => ![member, ...(member.signatures ?? [])].some((part) => part.hasComment()))
    .map((member) => `${member.getFriendlyFullName()} has no docstring`);
}

const app = await Application.bootstrap({
  name: "vidtask",
  readme: join(root, "README.md"),
  projectDocuments: ["CONTRIBUTING.md", "contracts/README.md", "fixtures/*.md"].map((file) => join(root, file)),
  disableSources: true,
  excludeExternals: true,
  hideGenerator: true,
  jsDocCompatibility: { defaultTag: false },
  headings: { readme: false },
  navigation: { excludeReferences: true, includeFolders: false },
  sort: ["documents-last", "kind", "alphabetical"],
  validation: { invalidLink: true, invalidPath: true, rewrittenLink: true, notExported: false, notDocumented: true },
  packagesRequiringDocumentation: packages.map(({ name }) => name),
  requiredToBeDocumented: ["Variable", "Function", "Class", "Interface", "Accessor", "TypeAlias"],
  logLevel: LogLevel.Warn,
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => addReadmes(app, project));

process.stdout.write(`${entries.length} entry points of ${packages.length} packages …\n`);
const project = convert(app);
app.validate(project);
const problems = undocumentedMembers(project);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (!isCheck) {
  rmSync(out, { recursive: true, force: true });
  await app.generateDocs(project, out);
  process.stdout.write(`${relative(process.cwd(), join(out, "index.html"))}\n`);
}
const isBroken =
  problems.length > 0 || app.logger.hasErrors() || app.logger.hasWarnings() || app.logger.validationWarningCount > 0;
process.exitCode = isBroken ? 1 : 0;
