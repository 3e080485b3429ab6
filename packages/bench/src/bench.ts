// `pnpm bench`: what waiting costs. Without sockets and in virtual time: the same figures on every machine.
import { parseArgs } from "node:util";
import { benchCallbacks } from "./callbacks.ts";
import { endCleanly } from "./progress.ts";
import { benchWait } from "./wait.ts";
import { PLOTTED } from "./wait/compare.ts";

const HELP = `pnpm bench [wait | callbacks] [--seed N]

  wait       polls per task and mean lag of a wait beside fixed schedules, where the documented time is right and where it is
             not; draws packages/bench/polling.svg anew
  callbacks  what callbacks are worth when they are lost, repeated, late and out of order
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: String(PLOTTED) },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [what = "wait"] = positionals;
const seed = Number(values.seed);

endCleanly();
if (values.help) console.log(HELP);
else if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed must be an integer, not ${values.seed}`);
else if (what === "wait") process.exitCode = benchWait(seed);
else if (what === "callbacks") process.exitCode = await benchCallbacks(seed);
else {
  console.error(`There is no bench ${what}; there are: wait, callbacks`);
  process.exitCode = 2;
}
