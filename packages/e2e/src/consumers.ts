// `npm run test:consumers`: programs of users, compiled against the packed packages with every supported TypeScript.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packedProject } from "../../../.ci/pack.ts";
import { compile, projectsOf } from "./consumers/compile.ts";
import { allCompilers, allSettings, CONSUMERS, nameOf } from "./consumers/matrix.ts";

const HELP = `npm run test:consumers [-- --only typescript-5.5]

Builds and packs the packages, installs the compilers of packages/e2e/consumers from its own lockfile, and compiles
the programs there: ${allCompilers.map(({ name }) => name).join(", ")}; with the DOM and without
Node's types, and the other way round; resolved as bundlers do and as Node does; with and without
exactOptionalPropertyTypes. skipLibCheck is off. About two minutes.`;

const { values } = parseArgs({ options: { only: { type: "string" }, help: { type: "boolean", short: "h" } } });
const compilers = allCompilers.filter(({ name }) => values.only === undefined || name === values.only);
if (values.help) console.log(HELP);
else if (compilers.length === 0) {
  console.error(`--only takes one of ${allCompilers.map(({ name }) => name).join(", ")}`);
  process.exitCode = 2;
} else process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  console.log("installing the compilers …");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"], { cwd: CONSUMERS, stdio: "inherit" });
  console.log("building and packing …");
  const configsOf = projectsOf(await packedProject(), join(CONSUMERS, "node_modules"));
  let good = true;
  for (const compiler of compilers)
    for (const setting of allSettings) {
      const found = await compile(compiler, setting, configsOf(setting));
      console.log(`${found === "" ? "ok    " : "FAILED"} ${compiler.name}, ${nameOf(setting)}\n${found}`.trim());
      good &&= found === "";
    }
  return good;
}
