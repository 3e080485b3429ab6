// A vendor as it is written down: data, and pure functions of a request and of the account it came to.
import type { Body } from "../network/body.ts";
import type { State, StoredTask } from "../state/tasks.ts";
import type { Context } from "./context.ts";
import type {
  Answer,
  ApiRequest,
  Callback,
  Idempotency,
  NewTask,
  Refusals,
  Route,
  Seen,
  TaskRoute,
} from "./dialect-parts.ts";
import type { FidelityRow } from "./fidelity-row.ts";
import type { Check, Fields } from "./rules.ts";

/** One vendor, by its pages. */
export interface Dialect<S extends Readonly<Record<string, string>> = Readonly<Record<string, string>>> {
  /** Lower-case, as in a ref. */
  name: string;
  /** The path of its documented base URL: `/v1`, or nothing. All its routes are below it. */
  path: string;
  /** What a client needs to sign in, by the names of its options: `{ apiKey: "acme-emulator-key" }`. */
  secrets: S;
  /**
   * Whether a request is signed in; a text is the name of its key, where an account has several.
   * @default `authorization: Bearer <apiKey>`
   */
  auth?(asked: ApiRequest, context: Context): boolean | string | Promise<boolean | string>;
  /** What else may be wrong with a caller who is signed in. */
  caller?(asked: ApiRequest, context: Context): Answer | undefined;
  /** Its words for the states. */
  states: Readonly<Record<string, State>>;
  /** The key under which its bodies have one. */
  stateKey: string;
  /** The documented codes of a failed task, with a message for each. */
  failCodes: Readonly<Record<string, string>>;
  /** Whether a failed task's charge is given back. */
  refunds: boolean;
  /** Its refusal of a request, by HTTP status. What `refusals` does not have is said so. */
  refuse?(status: number, message: string): Answer;
  /** Its own words, where pages print them. Without `refuse` all but the last two are needed. */
  refusals?: Partial<Refusals>;
  /** The paid call: a JSON object, at this route. */
  submit: {
    route: Route;
    /** What is refused before the body is looked at. */
    before?(asked: ApiRequest, context: Context): Answer | undefined;
    /** The task that a body asks for, or the vendor's refusal of it. */
    task(asked: ApiRequest, context: Context): NewTask | { refused: Answer } | Promise<NewTask | { refused: Answer }>;
    /** What it is answered. */
    accepted(task: StoredTask): Answer;
    /** Where a body has the prompt, whose words ask for faults. @default its `prompt` */
    promptOf?(body: Fields): unknown;
  };
  /** Absent: each submit is a task of its own, whatever its headers say. */
  idempotency?: Idempotency;
  /** A task's status. */
  status: TaskRoute;
  /** A second call that its result needs. */
  result?: TaskRoute;
  /** What lists tasks, the newest first; `lagMs` after its submit a task is in it. */
  list?: {
    route: Route;
    lagMs?: number;
    /** What it shows of them. */
    answer(tasks: Iterable<Seen>, asked: ApiRequest, context: Context): Answer;
  };
  /** What stops a task. */
  cancel?: Omit<TaskRoute, "answer"> & {
    /** How a task that it stops has failed. */
    failure: NonNullable<StoredTask["failure"]>;
    /** For a task that it has stopped. */
    answer(seen: Seen, asked: ApiRequest, context: Context): Answer;
    /** For one that had ended. @default 409 in the vendor's words */
    tooLate?(seen: Seen): Answer;
    /** The task is deleted, whether it has ended or not. */
    destroys?: true;
  };
  /** All other calls: a balance, say. */
  routes?: Readonly<Partial<Record<Route, (asked: ApiRequest, context: Context) => Answer | Promise<Answer>>>>;
  /** Absent: it calls nobody back. */
  callback?: Callback;
  /** What every answer of the API goes through. */
  finish?(answer: Answer, context: Context): Answer;
  /** Its file host for uploads, at `/files/<name>/`: any method, no key. Absent: it takes none. */
  fileHost?(request: Request, body: Body, context: Context): Response;
  /** What its pages' examples say in the places of a key and a task's id: they work as they stand. */
  printed?: { readonly apiKey?: string; readonly taskId?: string; readonly model: string };
  /** Absent: none is documented. */
  requestsPerMinute?: number;
  /** Bytes of a request's body. @default 1 MiB */
  maxBody?: number;
  /** How long a result URL lives after the task ended, in ms; absent: for ever. */
  resultUrlLifeMs?: number;
  /** What the option `accounts` may say of it, and the rule of each. */
  settings?: Readonly<Record<string, Check>>;
  /** What is documented, what is assumed and why: for the emulator's page. */
  fidelity?: readonly FidelityRow[];
}
