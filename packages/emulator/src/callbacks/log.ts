// The log of every callback that was sent, or should have been.
import { createBoundedLog, type BoundedLog } from "../state/bounded-log.ts";

/** One attempt at a callback. */
export interface CallbackEntry {
  /** As in a ref. */
  vendor: string;
  /** The `id` of its ref. */
  taskId: string;
  /** Where to, without query and with the last segment of its path shortened: what is there may be a token. */
  url: string;
  /** 1 for the first. A forged one is none of the vendor's attempts: 0. */
  attempt: number;
  /** When it was sent, wall-clock milliseconds. */
  at: number;
  /** The receiver's answer; absent until it is given, and where none is. */
  status?: number;
  /** Why there was no answer. */
  error?: string;
  /** The fault that hit it. */
  fault?: string;
}

export type CallbackLog = BoundedLog<CallbackEntry>;

/** The oldest entries go when there are more, so that a long-running emulator does not grow. */
const MAX_ENTRIES = 20_000;

export const createCallbackLog = (): CallbackLog => createBoundedLog(MAX_ENTRIES);

const SHOWN = 8;

export function shortened(url: string): string {
  const { origin, pathname, search } = new URL(url);
  const path = pathname.replace(/[^/]+(?=\/?$)/, (last) => (last.length > SHOWN ? `${last.slice(0, SHOWN)}…` : last));
  return `${origin}${path}${search && "?…"}`;
}
