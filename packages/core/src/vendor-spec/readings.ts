// What an adapter reads from the answers of its vendor.
import type { Failure, VendorCode } from "../task/failure.ts";
import type { Video } from "../task/task.ts";

type Details = { createdAt?: string; completedAt?: string; model?: string };
/**
 * What an adapter reads from a status body. Times are ISO: the adapter converts seconds and milliseconds. `model`, where
 * the body has it, keeps a callback from naming a task of another model.
 */
export type TaskStatus = Details &
  (
    | { state: "pending" | "processing"; progress?: number }
    | { state: "succeeded"; videos: Omit<Video, "expiresAt">[]; processingMs?: number; madeBy?: string }
    | { state: "failed"; failure: Failure }
  );

/** A refused call, in canonical and in the vendor's own words. */
export type Refusal = { code: VendorCode; vendorCode?: string; message: string };

/** What a task costs, by the vendor's pages. */
export type Price = {
  /** US dollars. */
  usd: number;
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
