// The check `caching`: turbo's keys, with and without a change, in a copy of this clone. Another key is another run.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { copyOfClone } from "./clone.ts";
import type { Outcome } from "./pack.ts";
import { run } from "./run.ts";

type Plan = { tasks: { taskId: string; hash: string }[] };

const TASKS = ["types", "test", "contract", "verify", "build"];
const vendors = ["apixo", "aivideoapi", "apimodels"];

export async function checkCaching(): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failed: 0, problems: [] };
  const copy = copyOfClone();
  const keys = async () => {
    const { tasks } = JSON.parse(await run("turbo", ["run", ...TASKS, "--dry=json"], { cwd: copy })) as Plan;
    return tasks.map(({ taskId, hash }) => `${taskId} ${hash}`);
  };
  let before = await keys();
  for (const vendor of vendors) {
    appendFileSync(join(copy, `fixtures/${vendor}/submit.accepted.json`), "\n");
    const after = await keys();
    const again = after.filter((key) => !before.includes(key)).map((key) => key.split(" ")[0] ?? "");
    before = after;
    // The conformance suite of bench imports fixtures of all vendors.
    const wanted = ["bench#types", `${vendor}#contract`, `${vendor}#test`, `${vendor}#types`].map(
      (task) => `@vidtask/${task}`,
    );
    if (again.toSorted().join() === wanted.toSorted().join()) outcome.passed++;
    else {
      outcome.failed++;
      outcome.problems.push(`A changed fixture of ${vendor} runs ${again.join(", ")} again, not ${wanted.join(", ")}`);
    }
  }
  return outcome;
}
