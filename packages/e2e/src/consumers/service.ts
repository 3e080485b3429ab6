// The workspace's TypeScript as editors use it. All that asks it in one process shares the files that it has read.
import { dirname } from "node:path";
import ts from "typescript";

const registry = ts.createDocumentRegistry();

/** @param texts files that are on no disk; may grow until a program is asked for */
export function serviceOver(
  folder: string,
  options: ts.CompilerOptions,
  files: readonly string[],
  texts: ReadonlyMap<string, string> = new Map(),
): ts.LanguageService {
  const { directoryExists, getDirectories, realpath } = ts.sys;
  const readFile = (name: string) => texts.get(name) ?? ts.sys.readFile(name);
  const host: ts.LanguageServiceHost = {
    getScriptFileNames: () => [...files, ...texts.keys()],
    getScriptVersion: () => "0",
    getScriptSnapshot(name) {
      const content = readFile(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => texts.has(name) || ts.sys.fileExists(name),
    readFile,
    directoryExists,
    getDirectories,
    ...(realpath && { realpath }),
  };
  return ts.createLanguageService(host, registry);
}

/** Compiles what a tsconfig.json is for, but for the files that `isLeftOut`. @returns what is wrong */
export function compileHere(config: string, isLeftOut: (file: string) => boolean): string {
  const { readFile } = ts.sys;
  const read = ts.readConfigFile(config, readFile);
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(read.config, ts.sys, dirname(config));
  const program = serviceOver(dirname(config), options, fileNames).getProgram();
  if (!program) throw new Error(`${config} makes no program`);
  const checked = program
    .getSourceFiles()
    .filter((file) => !program.isSourceFileDefaultLibrary(file) && !isLeftOut(file.fileName));
  const diagnostics = [
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...checked.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  return ts.formatDiagnostics(diagnostics, {
    getCurrentDirectory: () => dirname(config),
    getCanonicalFileName: (name) => name,
    getNewLine: () => "\n",
  });
}
