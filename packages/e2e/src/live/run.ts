// One vendor: its contract is cut down to what costs nothing, verified through the forwarder, and judged.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sayNowAndThen, type Say } from "@vidtask/bench/progress";
import { scratchFolder } from "../scratch.ts";
import { checksOf, contractOf, type Check, type Contract } from "./checks.ts";
import { forwardTo } from "./forward.ts";
import { verdictOf, type Verdict } from "./report.ts";
import { verify } from "./verify.ts";

const CONTRACTS = join(import.meta.dirname, "../../../../contracts");

export const readContract = (vendor: string): Contract =>
  JSON.parse(readFileSync(join(CONTRACTS, `vidtask-${vendor}.json`), "utf8")) as Contract;

type Live = {
  contract: Contract;
  documentedUrl: string;
  baseUrl: string;
  key: string;
  keyEnv: string;
  timeoutMs: number;
};

export async function verifyLive(live: Live, say: Say): Promise<Verdict[]> {
  const { contract, baseUrl, key, timeoutMs } = live;
  const checks = checksOf(contract);
  const ways = checks.flatMap((check) => check.ways);
  const progress = sayNowAndThen(say);
  const forwarder = await forwardTo({
    baseUrl,
    basePath: new URL(live.documentedUrl).pathname,
    key,
    timeoutMs,
    onAsk: (number) => progress(`asking ${number} of ${ways.length} …`),
  });
  const scratch = scratchFolder();
  try {
    const file = scratch.file("contract.json");
    writeFileSync(file, JSON.stringify(contractOf(contract, ways)));
    const findings = await verify(file, forwarder.url);
    const stray = findings.find(({ interaction }) => !/ - \d+$/.test(interaction));
    if (stray) throw new Error(`Pact's Verifier speaks of something else: ${stray.interaction}`);
    if (forwarder.answers.size !== ways.length)
      throw new Error(
        `Pact's Verifier asked ${forwarder.answers.size} of ${ways.length} requests; this proves nothing`,
      );
    return checks.map((check) => judge(check, ways, { findings, answers: forwarder.answers }, live.keyEnv));
  } finally {
    scratch.remove();
    await forwarder.close();
  }
}

type Found = {
  findings: Awaited<ReturnType<typeof verify>>;
  answers: Awaited<ReturnType<typeof forwardTo>>["answers"];
};

function judge(
  check: Check,
  ways: readonly Check["ways"][number][],
  { findings, answers }: Found,
  keyEnv: string,
): Verdict {
  const found = check.ways.map((way) => {
    const number = ways.indexOf(way);
    const own = findings.filter(({ interaction }) => interaction.endsWith(` - ${number}`));
    return { answered: answers.get(number), findings: own };
  });
  return verdictOf(check, found, keyEnv);
}
