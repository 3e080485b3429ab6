// What one vendor's dialect is made of. Everything outside vendors/<name>/ is the same for all.
import type { Clock } from "@vidtask/core";
import type { Hono } from "hono";
import type { Body } from "../body.ts";
import type { Account } from "../ledger.ts";
import type { Limit } from "../limits.ts";
import type { Random } from "../random.ts";
import type { RequestEntry } from "../requests.ts";
import type { State, Store } from "../store.ts";

/** What a vendor's routes get with each request, as Hono's `c.env`. */
export interface Call {
  /** Already read, so that every dialect sees the same bounded body. */
  readonly body: Body;
  /** This request in the log; a dialect adds `undocumented`. */
  readonly entry: RequestEntry;
}

export type App = Hono<{ Bindings: Call }>;

export interface Context {
  readonly apiKey: string;
  readonly clock: Clock;
  readonly store: Store;
  readonly account: Account;
  readonly requests: Limit;
  readonly random: Random;
}

export interface Vendor {
  readonly name: string;
  /** Where its documented base URL ends: everything of it is below. */
  readonly path: string;
  /** The first segments below `path`: two vendors have the same `path`. */
  readonly roots: readonly string[];
  readonly apiKey: string;
  readonly requestsPerMinute: number;
  /** How long a result URL lives after the task ended; absent: for ever. */
  readonly resultLifeMs?: number;
  /** Its words for the states. */
  readonly states: Readonly<Record<string, State>>;
  /** The answer of its file host when there is nothing (any more). */
  noResult(): Response;
  /** Adds its routes; paths are below `path`. */
  mount(app: App, context: Context): void;
}
