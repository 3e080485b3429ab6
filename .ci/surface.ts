// `npm run surface`, and the check of that name: what each entry point exports, as API Extractor reads it from the built
// types, against .ci/surface, so that a change of it is a diff in a review. With `--update` it is written there.
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel as Level } from "@microsoft/api-extractor";
import { readFlag } from "./flags.ts";
import { packedProject, root, run, scratchFolder, type Outcome, type Packed, type Project } from "./pack.ts";

const committed = join(root, ".ci/surface");
const lib = ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"];
const compilerOptions = { module: "nodenext", target: "es2023", lib, types: [], skipLibCheck: true };
const silent = { default: { logLevel: Level.None } };

/** A copy of a project whose packages are beside node_modules: below it all files would count as foreign. */
function besideModules({ folder, packages }: Project): string {
  const project = scratchFolder("surface");
  cpSync(folder, project, { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(project, "packages"));
  for (const { name, source } of packages) {
    renameSync(join(project, "node_modules", name), join(project, source));
    symlinkSync(join(project, source), join(project, "node_modules", name));
  }
  return project;
}

const configsOf = (project: string, { source, manifest }: Packed, reportFolder: string): ExtractorConfig[] =>
  Object.entries(manifest.exports ?? {}).map(([door, { types }]) => {
    const folder = join(project, source);
    return ExtractorConfig.prepare({
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, "package.json"),
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath: join(folder, types),
        compiler: { overrideTsconfig: { compilerOptions, files: [join(folder, types)] } },
        apiReport: {
          enabled: true,
          reportFileName: `${source.replace("packages/", "")}${door.slice(1).replaceAll("/", "-")}.api.md`,
          reportFolder,
          reportTempFolder: scratchFolder("surface"),
          // A type without an exported name is part of the package all the same; once is enough.
          includeForgottenExports: door === ".",
        },
        docModel: { enabled: false },
        messages: {
          compilerMessageReporting: silent,
          extractorMessageReporting: silent,
          tsdocMessageReporting: silent,
        },
        newlineKind: "lf",
      },
    });
  });

export async function checkSurface(packed: Project, update = false): Promise<Outcome> {
  const now = scratchFolder("surface");
  const project = besideModules(packed);
  const configs = packed.packages.flatMap((one) => configsOf(project, one, now));
  const additionalEntryPoints = configs.map((config) => config.mainEntryPointFilePath);
  let compilerState: CompilerState | undefined;
  for (const config of configs) {
    compilerState ??= CompilerState.create(config, { additionalEntryPoints });
    Extractor.invoke(config, {
      compilerState,
      localBuild: true, // writes the report
      messageCallback: (message) => {
        message.handled = message.logLevel !== Level.Error;
      },
    });
  }
  if (update) {
    rmSync(committed, { recursive: true, force: true });
    cpSync(now, committed, { recursive: true });
  }
  const diff = await run("git", ["diff", "--no-index", "--no-color", committed, now]).catch(String);
  if (diff === "") return { passed: configs.length, failed: 0, problems: [] };
  const remedy = "If the change is wanted: npm run surface -- --update, a changeset, and commit both.";
  return { passed: 0, failed: 1, problems: [diff, remedy] };
}

if (import.meta.main) {
  const isUpdate = readFlag("surface", "--update");
  console.error("building …");
  const { passed, failed, problems } = await checkSurface(await packedProject(), isUpdate);
  console.log([...problems, `${passed} entry points as committed`].join("\n"));
  process.exitCode = failed;
}
