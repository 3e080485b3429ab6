// When the next vendor may be tried, and what a key already stands for.
import {
  ConnectionError,
  InvalidRequestError,
  JournalError,
  VendorError,
  type Journal,
  type JournalEntry,
} from "@vidtask/core";
import type { Candidate } from "./compare.ts";

export const ROUTER = "vidtask";

type Issue = InvalidRequestError["issues"][number];

export const invalid = (...issues: Issue[]): InvalidRequestError =>
  new InvalidRequestError({ vendor: ROUTER, phase: "plan", issues });

export const issue = (path: string, rule: string): Issue => ({ path, rule, message: `must be ${rule}` });

/**
 * True when the vendor is proven not to have accepted and another one may do better: not for content that was
 * rejected, which is the prompt's fault, and not for a call that was stopped or cannot be journaled.
 */
export const mayTryNext = (error: unknown): error is VendorError | ConnectionError =>
  (VendorError.isInstance(error) || ConnectionError.isInstance(error)) &&
  error.billed === "no" &&
  error.code !== "content_rejected";

/** The row of a key that decides by itself; `refused` and `lost` ones leave the key free. */
export async function liveRow(journal: Journal, key: string): Promise<JournalEntry | undefined> {
  try {
    const row = await journal.get(key);
    return row && row.state !== "refused" && row.state !== "lost" ? row : undefined;
  } catch (cause) {
    const message = "the journal cannot be read, so nothing was sent; repair it and submit again";
    throw new JournalError(message, { vendor: ROUTER, phase: "submit", idempotencyKey: key, cause });
  }
}

/** The candidates that can do the request at the price. @throws InvalidRequestError with all that stands against it */
export function possible(found: readonly Candidate[], family: string, maxPrice?: number): Candidate[] {
  const able = found.filter(({ row }) => row.ok);
  if (found.length === 0)
    throw invalid(issue("model", `a family that one of the vendors has, not ${JSON.stringify(family)}`));
  if (able.length === 0)
    throw invalid(
      ...found.flatMap(({ row }) => {
        const who = `${row.vendor} ${row.model}`;
        return row.ok
          ? []
          : row.issues.map(({ path, rule, message }) => ({ path, rule, message: `${message} (${who})` }));
      }),
    );
  if (maxPrice === undefined) return able;
  const cheap = able.filter(({ row }) => row.ok && row.plan.price !== undefined && row.plan.price.usd <= maxPrice);
  if (cheap.length > 0) return cheap;
  const prices = able.map(({ row }) => `${row.vendor} ${(row.ok && row.plan.price?.usd) || "unknown"}`).join(", ");
  throw invalid(issue("maxPrice", `at least the lowest price in US dollars (${prices})`));
}
