// What the functions of a dialect get beside a request: one account at the vendor, in one scope.
import type { Files } from "../files/uploads.ts";
import type { Body } from "../network/body.ts";
import type { Account } from "../state/ledger.ts";
import type { Random } from "../state/random.ts";
import type { Limit } from "../state/rate-limit.ts";
import type { RequestEntry } from "../state/request-log.ts";
import type { Store, StoredTask } from "../state/tasks.ts";
import type { Tokens } from "../state/tokens.ts";
import type { OwnClock } from "../time/clock.ts";

/** What a fault may have a vendor say instead of its answer; 404: of the task that was asked for, or of the path. */
export type Refusal = "402" | "404" | "409" | "422" | "429" | "500" | "503";

/** One request on its way through a dialect. */
export interface Call {
  /** Already read, so that every dialect sees the same bounded body. */
  readonly body: Body;
  /** This request in the log. */
  readonly entry: RequestEntry;
  /** Where the caller reached the emulator: its URLs begin so. */
  readonly base: string;
  /** The answer is this refusal, whatever was asked for. */
  readonly refusal?: Refusal | undefined;
  /** What becomes of a task that this request starts. */
  readonly taskFault?: TaskFault | undefined;
  /** A list does not have the tasks of so many last milliseconds. */
  readonly lagMs?: number | undefined;
  /** The task that this request asks for, or has started. */
  taskId?: string | undefined;
  /** It has ended the task. */
  hasEnded?: boolean;
}

/** It never ends, or fails. */
export type TaskFault = "stuck" | NonNullable<StoredTask["failure"]>;

/** 500: the vendor is broken; 503: what it resells is down. */
export type Outage = 500 | 503;

/** One account at the vendor, in one scope of the emulator: what a dialect's functions may look at. */
export interface Context {
  /** The secrets of the account: those of the dialect. */
  readonly secrets: Readonly<Record<string, string>>;
  /** `now()` in wall-clock milliseconds; `dateOf` makes of them what the vendor tells. */
  readonly clock: OwnClock;
  /** Its tasks. */
  readonly store: Store;
  /** What was uploaded. */
  readonly files: Files;
  /** Its money, in US dollars. */
  readonly account: Account;
  /** Counts its requests. */
  readonly requests: Limit;
  /** Draws from the emulator's seed. */
  readonly random: Random;
  /** The tokens of its submits, where the dialect has `idempotency`. */
  readonly tokens: Tokens;
  /** Milliseconds that each task takes, instead of the vendor's time. */
  readonly taskMs?: number | undefined;
  /** The vendor's part of the option `accounts`: keeps the rules of the dialect's `settings`. */
  settings: object;
  /** Every request is answered so. */
  outage?: Outage | undefined;
}
