// What one vendor's dialect is made of. Everything outside vendors/<name>/ is the same for all.
import type { Hono } from "hono";
import type { Files } from "../files/uploads.ts";
import type { Body } from "../network/body.ts";
import type { Account } from "../state/ledger.ts";
import type { Random } from "../state/random.ts";
import type { Limit } from "../state/rate-limit.ts";
import type { RequestEntry } from "../state/request-log.ts";
import type { State, Store, StoredTask } from "../state/tasks.ts";
import type { OwnClock } from "../time/clock.ts";
import type { Check, Fields } from "./rules.ts";

/** What a fault may have a vendor say instead of its answer; 404: of the task that was asked for, or of the path. */
export type Refusal = "404" | "429" | "500" | "503";

/** What a vendor's routes get with each request, as Hono's `c.env`. */
export interface Call {
  /** Already read, so that every dialect sees the same bounded body. */
  readonly body: Body;
  /** This request in the log; a dialect adds `undocumented`. */
  readonly entry: RequestEntry;
  /** Where the caller reached the emulator: its URLs begin so. */
  readonly base: string;
  /** The answer is this refusal, whatever was asked for. */
  readonly refusal?: Refusal | undefined;
  /** What becomes of a task that this request starts. */
  readonly taskFault?: TaskFault | undefined;
  /** The task that this request asks for, or has started. */
  taskId?: string | undefined;
}

/** It never ends, or fails. */
export type TaskFault = "stuck" | NonNullable<StoredTask["failure"]>;

export type App = Hono<{ Bindings: Call }>;

/** 500: the vendor is broken; 503: what it resells is down. */
export type Outage = 500 | 503;

export interface Context {
  /** Those that are taken. */
  readonly apiKeys: readonly string[];
  readonly clock: OwnClock;
  readonly store: Store;
  readonly files: Files;
  readonly account: Account;
  readonly requests: Limit;
  readonly random: Random;
  /** Milliseconds that each task takes, instead of the vendor's time. */
  readonly taskMs?: number | undefined;
  /** The vendor's part of the option `accounts`: keeps the rules of `Vendor.settings`. */
  settings: object;
  outage?: Outage | undefined;
}

/** A request that starts a task, or asks for the status of one. */
export type TaskCall = { on: "submit" } | { on: "poll"; taskId: string | undefined };

/** How a task ended. */
export type Ended = "succeeded" | "failed";

/** What a callback tells. */
export interface Told {
  task: StoredTask;
  state: Ended;
  /** Of the result. */
  url: string;
  /** The body of the submit. */
  request: Fields;
  /** Wall-clock milliseconds. */
  now: number;
}

/** How a vendor calls back when a task has ended. All but the URL is the vendor's; times are in milliseconds. */
export interface Callback {
  /** Where a submit's body asks to be called. */
  urlOf(body: Fields): unknown;
  /** For each attempt: how long after the end of the one before it begins. */
  readonly delays: readonly number[];
  /** No attempt begins later than this after the first. @default Infinity */
  readonly within?: number;
  /** How long the receiver has for an answer. */
  readonly timeout: number;
  isDelivered(status: number): boolean;
  /** A JSON body, and headers beside its content type. */
  message(told: Told): { body: object; headers?: Record<string, string> };
}

export interface Vendor {
  readonly name: string;
  /** The path of its documented base URL. All its routes are below it. */
  readonly path: string;
  /** The first segments below `path`: they tell apart two vendors with the same `path`. */
  readonly roots: readonly string[];
  readonly apiKey: string;
  /** What its pages' examples say in the places of a key and a task's id: they work as they stand. */
  readonly printed: { readonly apiKey: string; readonly taskId?: string; readonly model: string };
  /** Absent: none is documented. */
  readonly requestsPerMinute?: number;
  /** Bytes of a request's body. @default 1 MiB */
  readonly maxBody?: number;
  /** How long a result URL lives after the task ended; absent: for ever. */
  readonly resultUrlLifeMs?: number;
  /** Whether a failed task's charge is given back. */
  readonly refunds: boolean;
  /** Its words for the states, and the key under which its bodies have one. */
  readonly states: Readonly<Record<string, State>>;
  readonly stateKey: string;
  /** The documented codes of a failed task, with a message for each. */
  readonly failCodes: Readonly<Record<string, string>>;
  /** What the option `accounts` may say of it, and the rule of each. */
  readonly settings: Readonly<Record<string, Check>>;
  /** Which of its calls a request is, if it is about a task. `path` is below the vendor's. */
  taskCall(method: string, path: string, query: URLSearchParams): TaskCall | undefined;
  /** Where a submit's body has the prompt. */
  promptOf(body: Fields): unknown;
  readonly callback: Callback;
  /** Adds its routes; paths are below `path`. */
  mount(app: App, context: Context): void;
  /** Its file host for uploads, at `/files/<name>/`: any method, no key. Absent: it takes none. */
  fileHost?(request: Request, body: Body, context: Context): Response;
}

export interface Part {
  name: string;
  vendor: Vendor;
  app: App;
  context: Context;
}
