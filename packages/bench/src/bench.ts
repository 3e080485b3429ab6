// `npm run bench`: what waiting costs, in virtual time; and what a start costs, beside what it is compared with, in real time.
import { parseArgs } from "node:util";
import { benchCall } from "./call.ts";
import { benchCallbacks } from "./callbacks.ts";
import { benchEmulator } from "./emulator.ts";
import { benchJournal } from "./journal.ts";
import { endCleanly } from "./progress.ts";
import { benchStart } from "./start.ts";
import { benchWait } from "./wait.ts";
import { PLOTTED } from "./wait/compare.ts";

const HELP = `npm run bench [wait | callbacks | start | call | journal | emulator | stores | scale | failover | peers] [-- --seed N] [-- --quick] [-- --tasks N] [-- --before COMMIT]

  wait       polls per task and mean lag of a wait beside fixed schedules, where the documented time is right and where it is
             not; draws packages/bench/polling.svg anew
  callbacks  what callbacks are worth when they are lost, repeated, late and out of order; takes five minutes
  start      how long an import of the built packages takes, beside an empty program
  call       the CPU and the memory of a submit and ten polls, beside a bare fetch
  journal    submits a second with a journal in a file, beside how often the same disk can be synchronised
  emulator   the status requests that the emulator answers in a second, beside a bare Hono, and its heap over a million
  stores     the trips and the time of a video on each store, and of finding what is open; starts Redis and Postgres
  scale      100,000 tasks by four processes over one Redis, and over one Postgres, with one limit for all
  failover   how many acknowledged rows Redis and Postgres forget when they fail
  peers      this library beside clients of other makers: paid requests, faults, waits, and what they cost

  --quick    fewer rounds, fewer tasks
  --tasks    of scale: how many
  --before   measures that commit beside this clone, where the bench is one of real time
  --write    of peers: writes packages/bench/results and the page that shows it
`;

function given() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: "string", default: String(PLOTTED) },
        quick: { type: "boolean", default: false },
        before: { type: "string" },
        tasks: { type: "string" },
        write: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}
/** What was asked for cannot be done: said in a line, without a stack. */
function refuse(why: string): never {
  console.error(`${why}\n\n${HELP}`);
  process.exit(2);
}

const { values, positionals } = given();
const [what = "wait"] = positionals;
const seed = Number(values.seed);
const tasks = values.tasks === undefined ? undefined : Number(values.tasks);
if (positionals.length > 1) refuse(`One bench at a time, not ${positionals.join(" and ")}.`);
if (!Number.isSafeInteger(seed)) refuse(`--seed must be an integer, not ${values.seed}.`);
if (tasks !== undefined && !(Number.isSafeInteger(tasks) && tasks > 0))
  refuse(`--tasks must be an integer of 1 or more, not ${values.tasks}.`);

endCleanly();
if (values.help) console.log(HELP);
else if (what === "wait") process.exitCode = benchWait(seed);
// The processes that have died in it renew their leases for ever.
else if (what === "callbacks") process.exit(await benchCallbacks(seed));
else if (what === "start") process.exitCode = await benchStart({ isQuick: values.quick, before: values.before });
else if (what === "call") process.exitCode = await benchCall({ isQuick: values.quick, before: values.before });
else if (what === "journal") process.exitCode = await benchJournal({ isQuick: values.quick, before: values.before });
else if (what === "emulator") process.exitCode = await benchEmulator({ isQuick: values.quick, before: values.before });
// What these need is not loaded for the others.
else if (what === "stores")
  process.exitCode = await (await import("./stores.ts")).benchStores({ isQuick: values.quick });
else if (what === "scale")
  process.exitCode = await (await import("./scale.ts")).benchScale({ isQuick: values.quick, tasks });
else if (what === "failover")
  process.exitCode = await (await import("./failover.ts")).benchFailover({ isQuick: values.quick });
else if (what === "peers")
  process.exitCode = await (
    await import("./peers.ts")
  ).benchPeers({
    isQuick: values.quick,
    before: values.before,
    isWritten: values.write,
  });
else {
  console.error(
    `There is no bench ${what}; there are: wait, callbacks, start, call, journal, emulator, stores, scale, failover, peers`,
  );
  process.exitCode = 2;
}
