// What an adapter reads from the answers of its vendor.
import type { Failure, VendorCode } from "../task/failure.ts";
import type { Video } from "../task/task.ts";
import type { HttpCall } from "./call.ts";

type Details = { createdAt?: string; completedAt?: string; model?: string };
/**
 * What an adapter reads from a status body. Times are ISO: the adapter converts seconds and milliseconds. `model`, where
 * the body has it, keeps a callback from naming a task of another model.
 */
export type TaskStatus = Details &
  (
    | {
        state: "pending" | "processing";
        /** 0 to 1. */
        progress?: number;
        /** How many tasks are before it; shown in the task, and used for nothing. */
        queuePosition?: number;
      }
    | { state: "succeeded"; videos: Omit<Video, "expiresAt">[]; processingMs?: number; madeBy?: string }
    | { state: "failed"; failure: Failure }
  );

/**
 * A second call that a status needs: the result after the state, the file after the task. Core sends it at once, for the same
 * question, and at most one.
 *
 * Its `read` sees every JSON answer but 401, 403, 404, 407, 408, 425 and 429, also refusals: there the vendor tells how the
 * task ended. Nothing, or a throw, makes of a refusal the VendorError it is anywhere else, and of another answer a
 * ProtocolError; both are asked again. So an end is only what has the documented shape, never a proxy's page.
 */
export type Next = {
  call: HttpCall;
  /** What its answer says of the task; nothing for one that says nothing of it. */
  read(body: unknown, status: number): TaskStatus | undefined;
};

/**
 * A refused call, in canonical and in the vendor's own words. `code` decides together with the HTTP status what it means for a
 * submit, and doubt wins; `vendorCode` is for people and decides nothing:
 * - `unauthorized`, `forbidden`, `insufficient_credits`, `spend_limit`, `invalid_request`, `invalid_media`,
 *   `content_rejected`, `not_found`: no task was made, and the key is free;
 * - `rate_limited`: no task was made; sent again after a pause;
 * - `timeout`, `upstream`, `internal`, `cancelled`: a task may have been made;
 * - `unknown`: the HTTP status decides, or the body's `code` where that is an HTTP error.
 *
 * A task id at its documented place outranks all of it.
 */
export type Refusal = { code: VendorCode; vendorCode?: string; message: string };

/** What is known of a submit whose answer was lost. */
export type Sought = {
  /** What the submit drew, and may have put into its call. */
  token: string;
  model: string;
  /** Empty without `variant`. */
  variant: string;
  /** When its POST left, ISO 8601 by this machine's clock: look from some minutes before. */
  sentAt: string;
};

/** A task in the answer to a `find`, and what of ours the vendor echoes in it. */
export type Found = { id: string; token?: string | null | undefined; callbackUrl?: string | null | undefined };

/** A callback as it came, before anything of it has been believed. */
export type RawCallback = { body: string; headers: Pick<Headers, "get"> };

/**
 * A file at its vendor. Its place is signed by the vendor: no credentials go there. Without `put` and `post` the bytes are there
 * already.
 */
export type Uploaded = {
  /** What the request names the file by: an http(s) URL, or another URI that the vendor gives, as `runway://…`. */
  url: string;
  /** Where a PUT takes its bytes. */
  put?: string;
  /** Where a form takes its bytes, as `file` after these fields. */
  post?: { url: string; fields: { readonly [name: string]: string } };
};

/** What a task costs, by the vendor's pages. */
export type Price = {
  /** US dollars. Where pages contradict each other the highest: caps and budgets count with it. */
  usd: number;
  /** It may cost less, by what the request does not say: a length that follows a video, say. */
  atMost?: true;
  /** The vendor's own unit, where it has one. */
  credits?: number;
  /** The page. */
  source: string;
  /** What contradicts it, where something does. */
  contested?: string;
};

/** What an account holds. */
export type Balance = {
  /** US dollars. */
  usd?: number;
  /** The vendor's own unit, where it has one. */
  credits?: number;
  /** Reserved for running tasks, in US dollars. */
  reserved?: number;
};

/**
 * What a callback says beyond the vendor's status, in the vendor's words. It is unsigned: whatever knows the callback's URL
 * can have written it. A member that is not as documented is absent.
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
  /** How long it took, in milliseconds. */
  costTime?: number | undefined;
};
