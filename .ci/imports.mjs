// `npm run check -- imports`: the rules of .dependency-cruiser.mjs over all packages, and each rule over a fault that
// breaks it, because a rule whose pattern matches nothing would pass for ever.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import config from "../.dependency-cruiser.mjs";

// Rule, file, what it imports.
const faults = [
  ["core: imports point down", "core/src/task/task.ts", "../submit/submit.ts"],
  ["core: imports point down", "core/src/limits/limiter.ts", "../redact.ts"],
  ["core: every folder has its layer", "core/src/cache/cache.ts", "../task/task.ts"],
  ["core: every folder has its layer", "core/src/client/client.ts", "../cache.ts"],
  ["emulator: imports point down", "emulator/src/time/clock.ts", "../state/tasks.ts"],
  ["emulator: every folder has its layer", "emulator/src/state/tasks.ts", "../shop/shop.ts"],
  ["no circle of files", "vidtask/src/one.ts", "./two.ts"],
  ["no circle of files", "vidtask/src/two.ts", "./one.ts"],
  ["no test, and no helper of tests, is imported", "apixo/src/map.ts", "./test/helpers.ts"],
  ["core depends on no other package", "core/src/client/members.ts", "../../../apixo/src/index.ts"],
  ["a vendor package depends on core only", "apixo/src/apixo.ts", "../../aivideoapi/src/index.ts"],
  ["bench does not depend on e2e", "bench/src/bench.ts", "../../e2e/src/chaos.ts"],
  ["vidtask depends on core and the vendors", "vidtask/src/router.ts", "../../emulator/src/index.ts"],
  ["the emulator takes types of core's front door only", "emulator/src/options.ts", "../../core/src/task/state.ts"],
  ["the emulator takes types of core's front door only", "emulator/src/index.ts", "../../core/src/index.ts", "value"],
  ["core and the vendors need ky and zod only", "core/src/http/fetch.ts", "undici"],
  ["what is published imports what its package.json declares", "core/src/http/call.ts", "left-pad"],
  ["what is published imports zod/mini", "apixo/src/wire.ts", "zod"],
  ["Node only under node and testing", "core/src/http/call.ts", "node:fs"],
  ["Node only under node and testing", "vidtask/src/index.ts", "../../core/src/node/index.ts"],
];

const { options, forbidden } = config;
const look = (baseDir, outputType) =>
  cruise(["packages"], {
    ...options,
    exclude: { path: options.exclude },
    doNotFollow: { path: options.doNotFollow },
    baseDir,
    validate: true,
    ruleSet: { forbidden },
    outputType,
  });

function plant(folder) {
  const write = (file, text, flag) => {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    if (flag || !existsSync(path)) writeFileSync(path, text, { flag: flag ?? "w" });
  };
  for (const name of ["undici", "zod"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" }));
    write(`node_modules/${name}/index.js`, "");
  }
  for (const [, file, target, kind = "type"] of faults) {
    const path = `packages/${file}`;
    const [name] = file.split("/");
    write(`packages/${name}/package.json`, JSON.stringify({ name, dependencies: { undici: "*", zod: "*" } }));
    write(path, `import ${kind === "type" ? "type " : ""}{ It } from "${target}";\nexport let it: It;\n`, "a");
    if (target.startsWith(".")) write(join(dirname(path), target), "export type It = 1;\n", "a");
  }
}

const scratch = mkdtempSync(join(tmpdir(), "vidtask-imports-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
plant(scratch);
const planted = (await look(scratch)).output.summary.violations;
const missed = faults.filter(
  ([rule, file]) =>
    !planted.some(
      ({ rule: { name }, from, cycle = [] }) =>
        name === rule && [from, ...cycle.map((step) => step.name)].includes(`packages/${file}`),
    ),
);
for (const [rule, file, target] of missed) console.log(`The rule "${rule}" does not see ${file} import ${target}`);
const untried = forbidden.filter(({ name }) => !faults.some(([rule]) => rule === name));
for (const { name } of untried) console.log(`The rule "${name}" has no fault in ${import.meta.filename}`);

const { output, exitCode } = await look(join(import.meta.dirname, ".."), "err");
if (exitCode > 0) console.log(output);
process.exitCode = exitCode + missed.length + untried.length > 0 ? 1 : 0;
