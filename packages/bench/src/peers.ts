// `npm run bench peers`: this library beside the clients of other makers, on the same machine, each against its vendor's protocol.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "../../../.ci/pack.ts";
import { builtPackages } from "./built.ts";
import { costs } from "./peers/costs.ts";
import { installPeers, type Installed } from "./peers/install.ts";
import type { Abort } from "./peers/measures/abort.ts";
import type { Lag } from "./peers/measures/lag.ts";
import type { PaidPosts } from "./peers/measures/paid-posts.ts";
import type { Polls } from "./peers/measures/polls.ts";
import { writePages } from "./peers/pages.ts";
import { peers, OURS } from "./peers/peers.ts";
import { FOLDER, readResults, writeResults, type Results } from "./peers/results.ts";
import { tablesOf } from "./peers/tables.ts";
import { each, seconds } from "./progress.ts";

const PROGRAM = join(import.meta.dirname, "peers/peer-program.ts");
const OUT = join(root, "out/bench");
/** Draws of each duration. */
const DRAWS = { quick: 7, full: 25 };

type PeersOptions = { isQuick?: boolean; before?: string | undefined; isWritten?: boolean };

export async function benchPeers({ isQuick = false, before, isWritten = false }: PeersOptions = {}): Promise<number> {
  const began = performance.now();
  const installed = await installPeers();
  const draws = isQuick ? DRAWS.quick : DRAWS.full;
  const behaviour = await behave(installed, draws);
  console.log(`${seconds(began)}: what costs real time …`);
  const cost = await costs(installed, isQuick);
  const { version: typescript } = JSON.parse(
    readFileSync(join(root, "node_modules/typescript/package.json"), "utf8"),
  ) as {
    version: string;
  };
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    typescript,
    isQuick,
    draws,
    peers: peers.map(({ name }) => {
      const [shown, found] = [behaviour.get(name), cost.get(name)];
      if (!shown || !found) throw new Error(`${name} was not measured`);
      return { name, versions: installed.get(name)?.versions ?? [], ...shown, ...found };
    }),
    ...(before !== undefined && { before: await lagBefore(before, draws) }),
  };
  for (const table of tablesOf(results)) console.log(`\n${table}`);
  mkdirSync(OUT, { recursive: true });
  const file = isWritten ? undefined : join(OUT, "peers.json");
  writeResults(results, file);
  if (isWritten) writePages(readResults());
  console.log(`\n${seconds(began)}. As JSON: ${file ?? join(FOLDER, "peers.json")}`);
  const broken = brokenPromises(results);
  for (const one of broken) console.log(`Not what is promised: ${one}`);
  return broken.length === 0 ? 0 : 1;
}

type Behaviour = { paidPosts: PaidPosts; polls: Polls; abort: Abort; lag: Lag };

const measured = async <T>(measure: string, name: string, entry: string, options: object = {}): Promise<T> => {
  const printed = await run(process.execPath, [PROGRAM, measure, name, entry, JSON.stringify(options)]);
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "") as T;
};

/** Virtual time, so it does not matter what else runs; most of it is waiting for a millisecond. */
async function behave(installed: ReadonlyMap<string, Installed>, draws: number): Promise<Map<string, Behaviour>> {
  const found = new Map<string, Behaviour>();
  await each(peers, 5, async ({ name }) => {
    const entry = installed.get(name)?.entry ?? "";
    console.log(`${name}: faults, aborts and waits in virtual time …`);
    found.set(name, {
      paidPosts: await measured<PaidPosts>("paid-posts", name, entry),
      polls: await measured<Polls>("polls", name, entry),
      abort: await measured<Abort>("abort", name, entry),
      lag: await measured<Lag>("lag", name, entry, { draws }),
    });
  });
  return found;
}

async function lagBefore(commit: string, draws: number): Promise<NonNullable<Results["before"]>> {
  const [first] = await builtPackages(commit);
  const entry = join(first?.folder ?? "", "entry-before.mjs");
  writeFileSync(entry, 'export { createApixo } from "@vidtask/apixo";\n');
  const lag = await measured<Lag>("lag", OURS, entry, { draws });
  return { commit, lag: lag.filter(({ form }) => form === "quickStart") };
}

/** Ours: one paid request whatever happens, and no fault that passes ends a wait. */
export function brokenPromises({ peers: all }: Pick<Results, "peers">): string[] {
  const ours = all.find(({ name }) => name === OURS);
  if (!ours) return [`${OURS} was not measured`];
  const posts = ours.paidPosts.flatMap(({ faults }) =>
    faults.filter((one) => one.posts !== 1).map(({ fault, posts: count }) => `${fault}: ${count} paid requests`),
  );
  const polls = ours.polls.flatMap(({ faults }) =>
    faults.filter((one) => !one.survivesOnce).map(({ fault }) => `one ${fault} ended a wait`),
  );
  const ids = ours.polls.flatMap(({ faults }) =>
    faults.filter((one) => one.hasId === false).map(({ fault }) => `${fault}: no id in the error`),
  );
  return [...posts, ...polls, ...ids];
}
