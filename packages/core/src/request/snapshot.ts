import { InvalidRequestError } from "../task/errors.ts";
import { unreadable } from "../task/issue.ts";
import type { VideoRequest } from "./request.ts";

/** Deeper than any request; it also ends a cycle. */
const MAX_DEPTH = 64;

/**
 * A copy of a request that its caller cannot change any more: what is journaled is what is sent, also when an object is used
 * again right after the call. Blobs cannot change; what is no part of a request stays as it is, to be refused.
 *
 * @throws InvalidRequestError where something in it throws when it is read
 */
export function snapshot<R extends VideoRequest>(request: R): R {
  try {
    return copy(request, MAX_DEPTH) as R;
  } catch {
    throw new InvalidRequestError({ vendor: "", phase: "plan", issues: [unreadable("request")] });
  }
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, depth - 1));
  if (value instanceof URL) return new URL(value);
  const proto: unknown = Object.getPrototypeOf(value);
  // The request itself may be of a class of the caller's.
  if (depth < MAX_DEPTH && proto !== Object.prototype && proto !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member, depth - 1)]));
}
