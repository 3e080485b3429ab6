// The types of what an adapter reads from its vendor's answers.
import type { Failure, VendorCode } from "../task/failure.ts";
import type { Video } from "../task/task.ts";
import type { HttpCall } from "./call.ts";

type Details = { createdAt?: string; completedAt?: string; model?: string };
/**
 * A task's status, as an adapter reads it from a body. Times are ISO: the adapter converts seconds and milliseconds. `model`,
 * if the body has it, prevents a callback from naming a task of another model.
 */
export type TaskStatus = Details &
  (
    | {
        state: "pending" | "processing";
        /** From 0 to 1. */
        progress?: number;
        /** How many tasks are ahead of it; only shown in the task. */
        queuePosition?: number;
      }
    | { state: "succeeded"; videos: Omit<Video, "expiresAt">[]; processingMs?: number; madeBy?: string }
    | { state: "failed"; failure: Failure }
  );

/**
 * A second call that a status needs: for the result after the state, or for the file after the task. Core makes it at once, and
 * at most one for each status.
 *
 * Its `read` gets every JSON answer except 401, 403, 404, 407, 408, 425 and 429; refusals too, because in one a vendor may tell
 * how the task ended. If it returns `undefined` or throws, a refusal becomes a VendorError as usual, any other answer a
 * ProtocolError, and the status is asked for again. So only an answer in the documented format ends a task, never a proxy's page.
 */
export type Next = {
  call: HttpCall;
  /** Reads the task's status from the answer; `undefined` if the answer has none. */
  read(body: unknown, status: number): TaskStatus | undefined;
};

/**
 * A refused call, in vidtask's codes and in the vendor's own. `code` and the HTTP status together decide what it means for a
 * submit, and in doubt a task may exist; `vendorCode` is for people and decides nothing:
 * - `unauthorized`, `forbidden`, `insufficient_credits`, `spend_limit`, `invalid_request`, `invalid_media`,
 *   `content_rejected`, `not_found`: no task was made, and the key is free;
 * - `rate_limited`: no task was made; the call is sent again after a pause;
 * - `timeout`, `upstream`, `internal`, `cancelled`: a task may have been made;
 * - `unknown`: the HTTP status decides, or the body's `code` where that is an HTTP error.
 *
 * A task id at its documented place overrules all of this.
 */
export type Refusal = { code: VendorCode; vendorCode?: string; message: string };

/** What is known about a submit whose answer was lost. */
export type Sought = {
  /** The random token of the submit, which its call may have carried. */
  token: string;
  model: string;
  /** Empty without `variant`. */
  variant: string;
  /** When its POST left, in ISO 8601, by this machine's clock: start the search some minutes earlier. */
  sentAt: string;
};

/** A task in the answer to a `find`, and which of our values the vendor echoes in it. */
export type Found = { id: string; token?: string | null | undefined; callbackUrl?: string | null | undefined };

/** A callback as received, before any of it is trusted. */
export type RawCallback = { body: string; headers: Pick<Headers, "get"> };

/**
 * A file at its vendor. The vendor has signed the upload URL, so it gets no credentials. Without `put` and `post` the bytes are
 * already there.
 */
export type Uploaded = {
  /** The file's URL in the request: http(s), or another URI that the vendor returns, such as `runway://…`. */
  url: string;
  /** The URL for a PUT of the bytes. */
  put?: string;
  /** The URL for a form with these fields, then the bytes as `file`. */
  post?: { url: string; fields: { readonly [name: string]: string } };
};

/** The price of a task, by the vendor's pages. */
export type Price = {
  /** US dollars; the highest price if pages contradict each other. Caps and budgets use it. */
  usd: number;
  /** True if the task may cost less, because of something that the request does not say, such as the length of a video. */
  atMost?: true;
  /** In the vendor's own unit, if it has one. */
  credits?: number;
  /** The page that prints it. */
  source: string;
  /** What contradicts it, if anything does. */
  contested?: string;
};

/** The balance of an account. */
export type Balance = {
  /** US dollars. */
  usd?: number;
  /** In the vendor's own unit, if it has one. */
  credits?: number;
  /** Reserved for running tasks, in US dollars. */
  reserved?: number;
};

/**
 * What a callback says beyond the status call, in the vendor's words. It is unsigned: anyone who knows the callback's URL may
 * have written it. A value that is not as documented is absent.
 */
export type Unverified = {
  /** Seconds of video. */
  videoDuration?: number | undefined;
  /** Width and height, as `"1280x720"`. */
  videoSize?: string | undefined;
  /** A picture of the video. */
  thumbnailUrl?: string | undefined;
  /** Why the task failed. */
  failCode?: string | undefined;
  /** How long the task took, in milliseconds. */
  costTime?: number | undefined;
};
