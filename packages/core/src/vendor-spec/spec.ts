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

/** A request as core passes it to an adapter: checked, with its defaults filled in. */
export type CheckedOf<M extends ModelSpecs> = {
  [K in keyof M & string]: { model: K } & z.output<M[K]["request"]>;
}[keyof M & string];

/** What a submit may put into its call besides the request. */
export type SubmitAbout = {
  /** The URL that the vendor calls when the task ends; absent if it should not call. */
  callbackUrl?: string;
  /**
   * 32 random hex digits for an `Idempotency-Key`, an `external_task_id` or the like. Each POST has its own, which is in the
   * journal before the POST leaves, so it outlives the process. It reveals nothing about your key.
   */
  token: string;
  /** What `variant` returned; empty without it. */
  variant: string;
};

/**
 * A vendor, described by data and pure functions: core sends, retries, journals and classifies. Each call is a pair: `call`
 * describes the request, `read` reads the body of the answer. A `read` may throw: whatever it throws becomes a `ProtocolError`.
 */
export type VendorSpec<M extends ModelSpecs, S extends SecretNames = SecretNames> = {
  /** The name in lower case: the `vendor` of every ref. */
  vendor: string;
  /** The documented base URL; `<VENDOR>_BASE_URL` and the `baseUrl` option override it. */
  baseUrl: string;
  /**
   * Other documented base URLs of the same API, which get the same credentials. If the user sets `baseUrl`, it replaces these
   * too: a client that is pointed at an emulator or a gateway sends nothing past it.
   */
  origins?: { readonly [name: string]: string };
  /** One row per model. */
  models: M;
  /** The environment variable of each secret, by the name of its client option: `{ apiKey: "APIXO_API_KEY" }`. */
  secrets: S;
  /**
   * Makes the credentials of a call from the secrets that were given. Return `undefined` if they are not enough: that is an
   * InvalidRequestError that names all variables. Pure: no I/O; `now` in ms of the client's clock. Called for every call; for a
   * paid one at the start of the submit, so that a missing secret costs nothing, and again after its uploads and the queue,
   * before the journal says `sending`. If it throws, nothing is sent. A read that gets a 401 is sent once more with new
   * credentials; a second 401 in a row is the answer.
   * @default `authorization: Bearer <apiKey>`
   */
  auth?(secrets: SecretsOf<S>, now: number): AuthHeaders | undefined | Promise<AuthHeaders | undefined>;
  /**
   * The kind of task that a request makes, if the vendor's status call needs it: 1–40 letters, digits or `-`. It depends on
   * the request only, so it is known before the paid call; it goes into the journal row, the callback's ticket and the ref.
   */
  variant?(request: CheckedOf<M>): string;
  /** The paid call. */
  submit: {
    /** Media in `request` are http(s) URLs, or `data:` URLs in base64 where `inline` allows them: core ensures it. */
    call(request: CheckedOf<M>, about: SubmitAbout): HttpCall;
    /**
     * The same call for a model that `models` does not list and the caller names on purpose: what all models share, such as
     * the model's id and the callback URL. `extraBody`, with the vendor's own fields, is merged into it. `variant` is called too,
     * with no fields. Absent: such requests are refused.
     */
    unlisted?(request: { model: string }, about: SubmitAbout): HttpCall;
    /** Reads the id of an accepted task from its documented place. */
    read(body: unknown): { id: string };
  };
  /**
   * How long, in ms from the first POST, the same token with the same request makes no second task and no second charge, as
   * the vendor documents for this very endpoint. Within it an unknown submit is sent again, as the same attempt: the same bytes,
   * token and callback URL, with the same secrets, because a vendor may keep tokens by API key; at most 3 times a run, and not in
   * the last minute of this time. A later call under the key sends again only by the clock of the journal's store, and only if
   * everything matches the hash in the row. Only an id settles the submit: a refusal of the second POST, also 402, 409, 422 or
   * 429, says nothing about the first.
   */
  idempotencyWindowMs?: number;
  /** How the status of a task is read. */
  status: {
    /** Escape the ref's id, as `url` does: a vendor may return an id that differs from those it documents. */
    call(ref: TaskRef): HttpCall;
    /** Reads the task's status from the body, or returns the second call that tells it. */
    read(body: unknown, ref: TaskRef, status: number): TaskStatus | Next;
    /** `read` gets refusals too, as the `read` of `Next` does: for vendors that report a failed task as an HTTP error. */
    errors?: true;
  };
  /**
   * Decides by HTTP status or body whether an answer is an error. Return `undefined` for a body that is not in the vendor's
   * own format, such as a gateway's page: then the HTTP status decides, and does not end a wait.
   */
  refusal(status: number, body: unknown, asked: Asked): Refusal | undefined;
  /**
   * Looks for the task of a submit whose answer was lost: after 1, 4 and 15 s, in a later call under the key, and in `resume`.
   * A task is trusted only if it echoes the token of the row, or a callback URL that this client signed for the key and its
   * attempt; its status then confirms it, and it is bound like the task of a callback. If there are two, the first is bound and a
   * `double_charge` alarm names the other. Finding none never proves anything, because lists lag, and frees no key. Never match
   * by prompt or time.
   */
  find?: {
    /** Must cost nothing, and may return more tasks than the one. */
    call(sought: Sought): HttpCall;
    /** Reads the tasks from its answer, and what each one echoes. */
    read(body: unknown, sought: Sought): readonly Found[];
  };
  /** How a task is stopped. Absent: the client has no `cancel`. */
  cancel?: {
    /** The body of the answer is ignored: the status tells what happened to the task. */
    call(ref: TaskRef): HttpCall;
    /**
     * If the task has ended, the same call deletes it with its video. That race cannot be avoided, so a caller must pass
     * `destroy: true`; the call is made only if the task was just seen pending or processing, and a task that is not found
     * afterwards is `cancelled`, `billed: "unknown"`.
     */
    destroys?: true;
  };
  /** Absent: no callbacks. */
  callback?: {
    /**
     * Reads the id of the task from the body of a callback. Nothing else in it is believed: core asks for the task's status.
     * `unverified` is passed to `onTask`, and is never part of a task.
     */
    read(body: unknown): { id: string; unverified?: Unverified };
    /** Answers a vendor's test of the URL, with 200 and nothing else. Return `undefined` for any other body. */
    challenge?(body: unknown): JsonObject | undefined;
    /**
     * Checks that the account's own signature covers the whole body and a time near `now`. Return `undefined` if its secret was
     * not given. `false`, or a throw, is answered with 401. Leave `verify` out if the signature does not cover the body, or if
     * another account's signature would pass: core then asks for the task's status instead.
     */
    verify?(raw: RawCallback, secrets: SecretsOf<S>, now: number): boolean | undefined | Promise<boolean | undefined>;
    /**
     * Reads the task's status from the body. It replaces the status call only if `verify` returned true, the task has ended, and
     * the journal already has this id for the ticket's key: a signature does not say which key a task belongs to.
     */
    status?(body: unknown, ref: TaskRef): TaskStatus;
  };
  /** How the balance of the account is read. Absent: the client has no `balance`. */
  balance?: {
    call: HttpCall;
    /** Reads the balance from the answer. */
    read(body: unknown): Balance;
  };
  /** The price of a request by the vendor's pages; `undefined` if they print none. */
  priceOf?(request: CheckedOf<M>): Price | undefined;
  /** A file of at most this many bytes goes into the request as a `data:` URL; the client's `upload` option takes precedence. */
  inline?: { maxBytes: number };
  /** How files are uploaded to the vendor if they are too large for `inline`. The client's `upload` option takes precedence. */
  upload?: {
    /** Asks where to upload a file, or sends its bytes. */
    call(file: { name: string; type: string; size: number }, bytes: Blob): HttpCall;
    /**
     * Reads the file's URL for the request, and where its bytes must go first: by a PUT, or as the last part of a form with
     * these `fields`.
     */
    read(body: unknown): Uploaded;
    /** Sends the bytes through the API itself if `call` or the PUT has failed. */
    form?(file: Blob, name: string): HttpCall;
  };
  /** The limits that the vendor documents; a client obeys them unless its own `limits` say otherwise. */
  limits?: Limits;
  /** The longest a task takes, in ms. Then its slot is freed, and only then can a submit be declared lost. @default 20 minutes */
  maxTaskMs?: number;
  /** How long after a task's end the vendor may still call back, in ms, including the receiver's time-outs. @default an hour */
  callbackWindowMs?: number;
  /** The format of task ids: any other usable id is accepted with a warning. @default 1–128 letters, digits, `_` or `-` */
  taskIdPattern?: RegExp;
  /** How long result URLs live, in ms; absent if the vendor says for ever. */
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

/** Reads a task id from a body: a string, or the digits of a number. Returns `undefined` if it is neither, or cannot be used. */
export function taskIdOf(adapter: Adapter, id: unknown): string | undefined {
  const text = typeof id === "number" && Number.isSafeInteger(id) && id > 0 ? String(id) : id;
  return isTaskId(adapter, text) ? text : undefined;
}

/** Also `owner/name`, as vendors of many people's models have them; no part is `.` or `..`, because it may stand in a path. */
const MODEL_NAME = /^(?=.{1,128}$)[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** True for a model of the vendor, listed or not (a ref may be older or newer than this package). */
export const isModelName = ({ models }: Adapter, model: string): boolean =>
  Object.hasOwn(models, model) || MODEL_NAME.test(model);
