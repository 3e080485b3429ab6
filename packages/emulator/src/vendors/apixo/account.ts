// What of an APIXO account no page says, or two say differently.
import type { Context } from "../context.ts";
import { lifeMs, trueOrFalse, type Check } from "../rules.ts";

export interface APIXOAccount {
  /** US dollars a task. @default 0.1, assumed */
  priceUsd?: number | undefined;
  /** A failed task's charge is given back. @default false, assumed */
  refundsFailed?: boolean | undefined;
  /** How long a result URL lives, in milliseconds. Pages say 15 days and 24 hours. @default 15 days */
  resultLifeMs?: number | undefined;
}

const usd: Check = (value) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= 1e6
    ? undefined
    : "must be US dollars from 0 to 1e6";

export const settings = { priceUsd: usd, refundsFailed: trueOrFalse, resultLifeMs: lifeMs };

export const accountOf = (context: Context) => context.settings as APIXOAccount;
