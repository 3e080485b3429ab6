// The check `consumers`: the suite's programs with the compilers that the workspace has; `npm run test:consumers` takes all.
import type { Outcome, Project } from "../../../../.ci/pack.ts";
import { compile, compileTogether, projectsOf, type ConfigsOf } from "./compile.ts";
import { tooCostly } from "./cost.ts";
import { buildCompiler, nameOf, pairwiseSettings, quickCompiler, type Setting } from "./matrix.ts";
import { compileHere } from "./service.ts";

/** The slower compiler sees each value of each dimension once. */
const opposites: readonly Setting[] = [
  { platform: "web", resolution: "bundler", exact: true },
  { platform: "node", resolution: "node16", exact: false },
];

export async function checkConsumers(project: Project): Promise<Outcome> {
  const configsOf = projectsOf(project, quickCompiler.modules);
  const quick = await quickly(configsOf);
  const found = [...quick, ...opposites.map(slowlyOf(configsOf)), await tooCostly(project)];
  const problems = found.filter((text) => text !== "");
  return { passed: found.length - problems.length, failed: problems.length, problems };
}

/** One entry a setting. */
async function quickly(configsOf: ConfigsOf): Promise<string[]> {
  const together = await compileTogether(quickCompiler, pairwiseSettings.flatMap(configsOf));
  if (together === "") return pairwiseSettings.map(() => "");
  const alone: string[] = [];
  for (const setting of pairwiseSettings) alone.push(await compile(quickCompiler, setting, configsOf(setting)));
  return alone.some((text) => text !== "") ? alone : [together];
}

/** What is not ours is in every setting above, too: here once is enough, and never for what the platform brings. */
function slowlyOf(configsOf: ConfigsOf): (setting: Setting) => string {
  const seen = new Set<string>();
  const isLeftOut = (file: string) => {
    const [, owner = ""] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
    if (owner === "" || owner === "vidtask" || owner.startsWith("@vidtask/")) return false;
    return ["@types/node", "undici-types"].includes(owner) || seen.size === seen.add(file).size;
  };
  return (setting) => {
    const found = configsOf(setting)
      .map((config) => compileHere(config, isLeftOut))
      .join("");
    return found && `${buildCompiler.name}, ${nameOf(setting)}:\n${found}`;
  };
}
