// A process that measures one peer: `node peer-program.ts <measure> <peer> <entry> [json]`. What it found is its last line.
import { pathToFileURL } from "node:url";
import { abort } from "./measures/abort.ts";
import { cost } from "./measures/cost.ts";
import { lag } from "./measures/lag.ts";
import { paidPosts } from "./measures/paid-posts.ts";
import { polls } from "./measures/polls.ts";
import type { Peer } from "./peer.ts";
import { peers } from "./peers.ts";

const measures: { readonly [name: string]: (peer: Peer, library: unknown, options: never) => Promise<unknown> } = {
  abort,
  cost,
  lag,
  "paid-posts": paidPosts,
  polls,
};

const [measure = "", name = "", entry = "", options = "{}"] = process.argv.slice(2);
const peer = peers.find((each) => each.name === name);
const run = measures[measure];
if (!peer || !run) throw new Error(`no measure ${measure} of ${name}`);
const library: unknown = await import(pathToFileURL(entry).href);
// Clients report what they retry; the last line is the result.
const { log } = console;
for (const method of ["log", "info", "warn", "error"] as const) console[method] = () => {};
const found = await run(peer, library, JSON.parse(options) as never);
log(JSON.stringify(found));
process.exit();
