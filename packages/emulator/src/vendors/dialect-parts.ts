// What a dialect is made of: its routes, what they are asked and answer, and how it calls back.
import type { Body } from "../network/body.ts";
import type { Quantiles } from "../state/random.ts";
import type { State, StoredTask } from "../state/tasks.ts";
import type { Clip } from "../video.ts";
import type { Context, Outage } from "./context.ts";
import type { Fields } from "./rules.ts";

/** What a vendor answers: JSON. */
export interface Answer {
  /** @default 200 */
  status?: number;
  /** Its JSON. */
  body: object;
  /** Beside the content type. */
  headers?: Readonly<Record<string, string>>;
}

/** A request below the vendor's `path`, already read. */
export interface ApiRequest {
  /** The segments that the route names, decoded: `id` of `GET /tasks/:id`. */
  readonly params: Readonly<Record<string, string>>;
  /** Of its URL. */
  readonly query: URLSearchParams;
  /** As they came. */
  readonly headers: Headers;
  /** Of an `application/json` request: its object; of any other: `{}`. */
  readonly body: Fields;
  /** As it came. */
  readonly raw: Body;
  /** Where the caller reached the emulator: URLs that lead back to it begin so. */
  readonly base: string;
  /** Notes fields that no page names, as paths, in the log of requests. */
  undocumented(names: readonly string[]): void;
}

/** Method and path: `POST /tasks`, `GET /tasks/:id`. A segment `:name` takes any text that is not empty. */
export type Route = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/** The vendor's words for what can happen to any request. */
export interface Refusals {
  badKey(): Answer;
  /** The balance is short. */
  noCredits(): Answer;
  /** The body is no JSON object. */
  notJson(): Answer;
  tooLarge(): Answer;
  rateLimited(): Answer;
  outage(status: Outage): Answer;
  unknownPath(): Answer;
  unknownTask(taskId: string): Answer;
  /** What is asked for is in use, or too late. Absent: the vendor has no words for it, and no fault plays it. */
  conflict?(): Answer;
  /** What is asked for cannot be done. Absent: as above. */
  unprocessable?(): Answer;
}

/** A submit that the vendor takes. */
export interface NewTask {
  /** As in a ref. */
  model: string;
  /** What its result shows: the prompt, seconds of video, and the form of the picture. @default 5 s, 16:9, silent */
  clip: Pick<Clip, "prompt"> & Partial<Clip>;
  /** Its price, US dollars. */
  usd: number;
  /** Milliseconds from submit to end: from and to, or quantiles. */
  time: readonly [from: number, to: number] | Quantiles;
  /** It fails, with this code and message. */
  failure?: StoredTask["failure"];
  /** The vendor's style of an id, from a number below 10^8 that does not come back. @default `<name>_00000000` */
  id?(serial: number): string;
  /** What of the submit the vendor's answers say again: it is `task.echo`. */
  echo?: Fields;
}

/** A task as an answer tells of it. */
export interface Seen {
  /** Its times are the vendor's dates, in milliseconds. */
  readonly task: StoredTask;
  /** Now; a task goes from one to the next by itself. */
  readonly state: State;
  /** Where its result is, once it has succeeded. */
  readonly url: string;
  /** How many pending tasks of the account are before it. */
  readonly queuePosition: number;
}

/** A route that asks for one task. */
export interface TaskRoute {
  route: Route;
  /** Which task is asked for. @default the segment `:id` */
  idOf?(asked: Pick<ApiRequest, "params" | "query">): string | undefined;
  /** What is refused before the task is looked up. */
  before?(asked: ApiRequest, context: Context): Answer | undefined;
  /** Parameters of the query that the pages name; others are logged as undocumented. @default [] */
  query?: readonly string[];
  answer(seen: Seen, asked: ApiRequest, context: Context): Answer;
}

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
  /** For each attempt: how long after the end of the one before it begins. @default [0] */
  readonly delays?: readonly number[];
  /** No attempt begins later than this after the first. @default Infinity */
  readonly within?: number;
  /** How long the receiver has for an answer. @default 30 s */
  readonly timeout?: number;
  /** @default any 2xx */
  isDelivered?(status: number): boolean;
  /** A JSON body, and headers beside its content type. */
  message(told: Told): { body: object; headers?: Record<string, string> };
  /**
   * Headers that sign these bytes, with the account's secrets at this time, in ms: as all
   * dates that a vendor tells it is real, also in accelerated time. A forger has other secrets.
   */
  sign?(body: string, secrets: Readonly<Record<string, string>>, now: number): Record<string, string>;
}

/** How submits are taken once per token. */
export interface Idempotency {
  /** The header that has the token. */
  header: string;
  /** How long a token is known, in ms from the submit that was accepted under it. Until then it gives the same task. */
  windowMs: number;
  /** For another body under the same token. @default 409 in the vendor's words */
  reused?(): Answer;
}
