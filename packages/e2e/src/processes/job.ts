// What a process is told, and how it tells.
import type { Given } from "./setup.ts";
import type { Outcome } from "./vendor.ts";

export type Job = { setup: string; given: Given; targets: readonly { outcome: Outcome; baseUrl: string }[] };
/** `attempts`: of the paid request, those that were not sent included. */
export type Told = {
  outcome: Outcome;
  read: string;
  ending: string;
  saved: string | undefined;
  attempts: number;
  alarms: readonly string[];
};

export const STOPPING = "stopping";
export const TOLD = "told ";
