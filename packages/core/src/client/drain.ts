import type { ClientContext } from "../context/context.ts";
import { checkOptions, type Rules } from "../task/check-options.ts";
import { AbortedError } from "../task/errors.ts";
import { aNumber } from "../task/option-rules.ts";
import { untilAborted } from "../time/abort.ts";
import { safeDelay } from "../time/clock.ts";

export type DrainOptions = { timeout?: number | undefined };

const DRAIN_RULES: Rules<DrainOptions> = {
  timeout: aNumber("milliseconds, 0 or more; Infinity, like nothing, is no limit", (ms) => ms >= 0),
};

/** Stops new paid requests with `close`, and resolves when nothing that they left is under way. */
export async function drainClient(context: ClientContext, close: () => void, given?: DrainOptions): Promise<void> {
  const { vendor } = context.adapter;
  const { timeout } = checkOptions(given, DRAIN_RULES, { of: "drain", vendor, phase: "submit" });
  close();
  const late = timeout === undefined ? undefined : AbortSignal.timeout(Math.ceil(safeDelay(timeout)));
  while (context.inFlight.size > 0)
    await untilAborted(Promise.all(context.inFlight.keys()), late, () => drainLate(context, timeout));
}

/** So many are named; the rest is counted. */
const NAMED = 5;

function drainLate({ adapter, inFlight }: ClientContext, timeout: number | undefined): AbortedError {
  const all = [...inFlight.values()];
  const rest = all.length > NAMED ? ` and ${all.length - NAMED} more` : "";
  const message = `after ${timeout} ms there is still under way: ${all.slice(0, NAMED).join(", ")}${rest}; drain again, or leave it to resume()`;
  return new AbortedError(message, { vendor: adapter.vendor, phase: "submit" });
}
