// `npm run chaos`: is every submit paid for at most once, and is nothing that was paid for lost? The emulator's ledger judges.
import { parseArgs } from "node:util";
import { each, endCleanly, seconds } from "@vidtask/bench/progress";
import { partsOf } from "./chaos/parts.ts";
import { show } from "./chaos/report.ts";
import { mutantNames, runMutated } from "./mutants.ts";

const HELP = `npm run chaos -- [--small] [--seed N] [--only part,part] [--mutant name]

  --small   a minute instead of twenty
  --seed    what goes wrong when; drawn when left out, and shown
  --only    parts whose names begin so: submits-apixo, submits-aivideoapi-sockets, kills, pairs, waits, …
  --mutant  breaks a copy of the sources first, to see the suite fail: ${mutantNames.join(", ")}
`;

const { values } = parseArgs({
  options: {
    small: { type: "boolean", default: false },
    seed: { type: "string" },
    only: { type: "string" },
    mutant: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed);
const only = values.only?.split(",");
const size = values.small ? "small" : "full";

endCleanly();
if (values.help) console.log(HELP);
else if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed must be an integer, not ${values.seed}`);
else if (values.mutant === undefined) process.exitCode = await run();
else process.exitCode = await runMutated(values.mutant, "chaos.ts", withoutMutant());

async function run(): Promise<number> {
  const started = performance.now();
  const say = (text: string) => console.log(`       ${text}`);
  const parts = partsOf(size, seed, say).filter(({ name }) => only?.some((start) => name.startsWith(start)) ?? true);
  console.log(`chaos, ${size}, seed ${seed}, ${parts.length} parts, Node ${process.versions.node}`);
  const broken: string[] = [];
  // Small parts wait more than they work; full ones need the machine.
  await each(parts, values.small ? 3 : 1, async ({ name, run: runPart }) => {
    const report = await runPart();
    console.log(show(report));
    if (report.violations.length > 0) broken.push(name);
  });
  if (parts.length === 0) console.log(`no part begins with ${values.only}`);
  else if (broken.length === 0) console.log(`\nEvery invariant held. Seed ${seed}, ${seconds(started)}.`);
  else {
    console.log(`\nBROKEN: ${broken.join(", ")}. Seed ${seed}, ${seconds(started)}. Again:`);
    const small = values.small ? " --small" : "";
    console.log(`  node packages/e2e/src/chaos.ts${small} --seed ${seed} --only ${broken.join(",")}`);
  }
  return broken.length === 0 && parts.length > 0 ? 0 : 1;
}

function withoutMutant(): string[] {
  const chosen = only ? ["--only", only.join(",")] : [];
  return [...(values.small ? ["--small"] : []), "--seed", String(seed), ...chosen];
}
