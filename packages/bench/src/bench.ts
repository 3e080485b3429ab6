// `pnpm bench`: what waiting costs. Without sockets and in virtual time: the same figures on every machine.
import { parseArgs } from "node:util";
import { benchWait } from "./wait/run.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" } },
});
const [what = "wait"] = positionals;
const seed = Number(values.seed);

if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed must be an integer, not ${values.seed}`);
if (what === "wait") process.exitCode = benchWait(seed);
else {
  console.error(`There is no bench ${what}; there is: wait`);
  process.exitCode = 2;
}
