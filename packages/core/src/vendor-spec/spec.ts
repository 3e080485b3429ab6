import type * as z from "zod/mini";
import type { Limits } from "../limits/limiter.ts";
import type { JsonObject, TaskRef } from "../task/task.ts";
import type { Asked, AuthHeaders, HttpCall, SecretNames, SecretsOf } from "./call.ts";
import type { ModelSpecs } from "./models.ts";
import type {
  Balance,
  Found,
  Next,
  Price,
  RawCallback,
  Refusal,
  Sought,
  TaskStatus,
  Unverified,
  Uploaded,
} from "./readings.ts";

/** A request of a model table as core hands it to an adapter: checked, with its defaults. */
export type CheckedOf<M extends ModelSpecs> = {
  [K in keyof M & string]: { model: K } & z.output<M[K]["request"]>;
}[keyof M & string];

/** What a submit may put into its call beside the request. */
export type SubmitAbout = {
  /** Where the vendor calls when the task ends; absent when it is not to. */
  callbackUrl?: string;
  /**
   * 32 random hex digits for an `Idempotency-Key`, an `external_task_id` or the like. One for each POST; the journal has it
   * before that leaves, so it outlives the process. It says nothing of your key.
   */
  token: string;
  /** What `variant` said; empty without it. */
  variant: string;
};

/**
 * A vendor, described by data and pure functions: core sends, retries, journals and classifies. Everything that is asked is
 * a pair: `call` describes the request, `read` reads its body. A `read` may throw: whatever it throws becomes a `ProtocolError`.
 */
export type VendorSpec<M extends ModelSpecs, S extends SecretNames = SecretNames> = {
  /** Lower-case name, the `vendor` of every ref. */
  vendor: string;
  /** The documented base URL; `<VENDOR>_BASE_URL` and the `baseUrl` option override it. */
  baseUrl: string;
  /**
   * Other documented base URLs of the same API, which get the same credentials. A `baseUrl` of the user's own stands for them
   * too: a client that is pointed at an emulator or a gateway sends nothing past it.
   */
  origins?: { readonly [name: string]: string };
  /** One row per model. */
  models: M;
  /** The environment variable of each secret, by the client option that holds it: `{ apiKey: "APIXO_API_KEY" }`. */
  secrets: S;
  /**
   * The credentials of a call, from the secrets that are given; nothing when they do not suffice, which is an
   * InvalidRequestError that names all variables. Pure: no I/O; `now` in ms of the client's clock. Called for every call: for a
   * paid one at the start of the submit, so that what is missing costs nothing, and again after its uploads and the queue,
   * before the journal says `sending`. A throw sends nothing. The first 401 of a read is asked again with credentials made
   * anew; the second in a row is the answer.
   * @default `authorization: Bearer <apiKey>`
   */
  auth?(secrets: SecretsOf<S>, now: number): AuthHeaders | undefined | Promise<AuthHeaders | undefined>;
  /**
   * Which kind of task a request makes, where the vendor asks for tasks by kind: 1–40 letters, digits or `-`. The request
   * fixes it, so it is known before the paid call: it goes into the journal row, the callback's ticket and the ref.
   */
  variant?(request: CheckedOf<M>): string;
  /** The paid call. */
  submit: {
    /** Media in `request` are http(s) URLs, or `data:` URLs in base64 where `inline` allows them: core has seen to it. */
    call(request: CheckedOf<M>, about: SubmitAbout): HttpCall;
    /**
     * The same call for a model that `models` does not list, which a caller asks for on purpose: what all models share, as
     * the model's id and the callback URL. `extraBody`, in the vendor's own words, is merged into it. `variant` is asked too, with no
     * fields. Absent: such requests are refused.
     */
    unlisted?(request: { model: string }, about: SubmitAbout): HttpCall;
    /** The id of an accepted task, from its documented place. */
    read(body: unknown): { id: string };
  };
  /**
   * How long, in ms from the first POST, the vendor documents of this very endpoint that the same token with the same request
   * makes no second task and no second charge. An unknown submit is then sent again, as the same attempt: the same bytes, token
   * and callback URL, from the same secrets, because a vendor may know a token by API key; at most 3 times a run, and not in the
   * last minute of this time. A later call under the key does so only by the clock of the journal's store, and when all of it has
   * the hash that the row keeps. Only an id settles it: what a second sending is refused for, also 402, 409, 422 or 429, says
   * nothing about the first.
   */
  idempotencyWindowMs?: number;
  /** A task's status. */
  status: {
    /** Escape the ref's id, as `url` does: a vendor may give one that is not like the ids it documents. */
    call(ref: TaskRef): HttpCall;
    /** What its body says of the task, or the second call that says it. */
    read(body: unknown, ref: TaskRef, status: number): TaskStatus | Next;
    /** `read` sees refusals first, as that of `Next` does: for vendors that answer the status of a failed task with an error. */
    errors?: true;
  };
  /**
   * Whether an answer is an error, by its HTTP status or by its body. Nothing for a body that is not of the vendor's own
   * shape, as the page of a gateway: the HTTP status speaks then, and does not end a wait.
   */
  refusal(status: number, body: unknown, asked: Asked): Refusal | undefined;
  /**
   * Looks for the task of a submit whose answer was lost: after 1, 4 and 15 s, by a later call under the key, and by `resume`.
   * A task is trusted only when its echo is the token of the row, or a callback URL that this client signed for the key and its
   * attempt; it is then confirmed by its status, and bound as a callback's is. Of two the first is bound, and a `double_charge`
   * alarm names the other. None proves nothing, ever: lists lag, and no key is freed by it. Never match by prompt or time.
   */
  find?: {
    /** Costs nothing, and may ask for more than the one task. */
    call(sought: Sought): HttpCall;
    /** The tasks of its answer, with what each echoes. */
    read(body: unknown, sought: Sought): readonly Found[];
  };
  /** How a task is stopped. Absent: the client has no `cancel`. */
  cancel?: {
    /** The body of its answer is not read: the status says what became of the task. */
    call(ref: TaskRef): HttpCall;
    /**
     * Asked of a task that has ended, the vendor deletes it with its video. That race cannot be closed, so a caller has to say
     * `destroy: true`; it is sent only to a task just seen pending or processing, and a task that is not found afterwards is
     * `cancelled`, `billed: "unknown"`.
     */
    destroys?: true;
  };
  /** Absent: no callbacks. */
  callback?: {
    /**
     * The task a callback speaks of, from its body. Nothing else of it is believed: core asks for its status. What
     * `unverified` holds is shown to `onTask`, and is never part of a task.
     */
    read(body: unknown): { id: string; unverified?: Unverified };
    /** What a test of the URL wants to hear: answered with 200, and nothing else is done. Nothing for any other body. */
    challenge?(body: unknown): JsonObject | undefined;
    /**
     * Whether the account's own signature covers the whole body and a time near `now`; nothing when the secret for it is not
     * given. `false`, or a throw, is answered with 401. Where the signature leaves the body out, or another account's would fit,
     * leave `verify` out: the task is then asked for, as without it.
     */
    verify?(raw: RawCallback, secrets: SecretsOf<S>, now: number): boolean | undefined | Promise<boolean | undefined>;
    /**
     * What the body says of the task. It saves the question only if `verify` was true, it is an end, and the journal has this id
     * for the ticket's key already: a signature does not say which key a task belongs to.
     */
    status?(body: unknown, ref: TaskRef): TaskStatus;
  };
  /** The call that reads what the account holds. Absent: the client has no `balance`. */
  balance?: {
    call: HttpCall;
    /** Reads what that call is answered. */
    read(body: unknown): Balance;
  };
  /** What a request costs by the vendor's pages; nothing where they print no price for it. */
  priceOf?(request: CheckedOf<M>): Price | undefined;
  /** A file of at most so many bytes goes into the request, as a `data:` URL; the client's `upload` option goes before it. */
  inline?: { maxBytes: number };
  /** Where the vendor takes files itself: those too large for `inline`. The client's `upload` option goes before it. */
  upload?: {
    /** Asks for a place for a file, or sends its bytes. */
    call(file: { name: string; type: string; size: number }, bytes: Blob): HttpCall;
    /** What the request names the file by, and where its bytes go first: by a PUT, or as the last part of a form with these `fields`. */
    read(body: unknown): Uploaded;
    /** Sends the bytes through the API itself, where asking for a place or the PUT has failed. */
    form?(file: Blob, name: string): HttpCall;
  };
  /** The limits the vendor documents; a client holds itself to them unless its own `limits` say otherwise. */
  limits?: Limits;
  /** The longest a task takes, in ms. After that its slot is free; only then a submit can be lost. @default 20 minutes */
  maxTaskMs?: number;
  /** How long after a task's end the vendor may still call back, in ms, a receiver's time-outs included. @default an hour */
  callbackWindowMs?: number;
  /** What a task id looks like: any other is taken with a warning, if it can be used. @default 1–128 letters, digits, `_` or `-` */
  taskIdPattern?: RegExp;
  /** How long result URLs live, in ms; absent when the vendor says for ever. */
  resultUrlLifeMs?: number;
};

/** A vendor as core sees it: any model table. */
export type Adapter = VendorSpec<ModelSpecs>;

const DEFAULT_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** True for an id as the vendor documents it, or as ids usually are. */
export const isUsualTaskId = ({ taskIdPattern = DEFAULT_ID }: Pick<Adapter, "taskIdPattern">, id: string): boolean =>
  taskIdPattern.test(id);

/**
 * True when an id may be used in a URL and a journal, whatever its vendor documents: no blank, no control character, and
 * no part that is `.` or `..`, because `encodeURIComponent("..")` is `..`.
 */
export const isTaskId = (adapter: Pick<Adapter, "taskIdPattern">, id: unknown): id is string =>
  typeof id === "string" && (isUsualTaskId(adapter, id) || isSafeId(id));

const isSafeId = (id: string): boolean =>
  id.length <= 128 && /^[^\s\p{C}]+$/u.test(id) && id.split(/[/\\]/).every((part) => part !== "." && part !== "..");

/** A task id as it stands in a body: a text, or the digits of a number. Nothing when it is neither, or cannot be used. */
export function taskIdOf(adapter: Adapter, id: unknown): string | undefined {
  const text = typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? String(id) : id;
  return isTaskId(adapter, text) ? text : undefined;
}

/** Also `owner/name`, as vendors of many people's models have them; no part is `.` or `..`, because it may stand in a path. */
const MODEL_NAME = /^(?=.{1,128}$)[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** True for a model of the vendor, listed or not (a ref may be older or newer than this package). */
export const isModelName = ({ models }: Adapter, model: string): boolean =>
  Object.hasOwn(models, model) || MODEL_NAME.test(model);
