// The check `consumers`: the suite's programs with the compilers that the workspace has; `npm run test:consumers` takes all.
import type { Outcome, Project } from "../../../../.ci/pack.ts";
import { projectsOf } from "./compile.ts";
import { tooCostly } from "./cost.ts";
import { buildCompiler, pairwiseSettings, quickCompiler, type Setting } from "./matrix.ts";

/** The slower compiler sees each value of each dimension once. */
const opposites: readonly Setting[] = [
  { platform: "web", resolution: "bundler", exact: true },
  { platform: "node", resolution: "node16", exact: false },
];

export async function checkConsumers(project: Project): Promise<Outcome> {
  const compile = projectsOf(project);
  const found: string[] = [];
  for (const setting of pairwiseSettings) found.push(await compile(quickCompiler, setting));
  for (const setting of opposites) found.push(await compile(buildCompiler, setting));
  found.push(await tooCostly(project));
  const problems = found.filter((text) => text !== "");
  return { passed: found.length - problems.length, failed: problems.length, problems };
}
