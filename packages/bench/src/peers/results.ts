// What one run found, as packages/bench/results/peers.json holds it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../side-by-side.ts";
import type { Abort } from "./measures/abort.ts";
import type { Lag } from "./measures/lag.ts";
import type { PaidPosts } from "./measures/paid-posts.ts";
import type { Polls } from "./measures/polls.ts";
import type { Size } from "./measures/size.ts";

/** A figure of real time, and of the same run the one it is divided by. */
export type Spread = Omit<Row, "name">;

export type PeerResults = {
  readonly name: string;
  readonly versions: readonly string[];
  readonly paidPosts: PaidPosts;
  readonly polls: Polls;
  readonly abort: Abort;
  readonly lag: Lag;
  /** Of a video and ten polls, to the bare loop. */
  readonly cpu: Spread;
  readonly allocated: Spread;
  /** Of a program that imports it, to an empty one. */
  readonly start: Spread;
  readonly size: Size;
  /** Of a program of ten lines, to one without a library. */
  readonly compile: Spread;
  readonly types: number;
  readonly instantiations: number;
};

export type Results = {
  /** The day, as ISO 8601. */
  readonly date: string;
  readonly node: string;
  readonly typescript: string;
  readonly isQuick: boolean;
  readonly draws: number;
  readonly peers: readonly PeerResults[];
  /** Our waits at an earlier commit, where one was measured beside. */
  readonly before?: { readonly commit: string; readonly lag: Lag };
};

export const FOLDER = join(import.meta.dirname, "../../results");
const FILE = join(FOLDER, "peers.json");

export const readResults = (file = FILE): Results => JSON.parse(readFileSync(file, "utf8")) as Results;

export function writeResults(results: Results, file = FILE): void {
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Three digits are more than a crowded machine knows. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(3)) : value;
