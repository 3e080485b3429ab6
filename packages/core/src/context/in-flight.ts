// What a drain waits for.
import { AbortedError } from "../task/errors.ts";
import type { InFlight } from "../time/abort.ts";
import { safeDelay } from "../time/clock.ts";
import { untilAborted } from "../time/until-aborted.ts";

/** Resolves when nothing is under way. @throws AbortedError after so many ms of real time; it names what still is */
export async function whenSettled(vendor: string, inFlight: InFlight, timeout: number | undefined): Promise<void> {
  const late = timeout === undefined ? undefined : AbortSignal.timeout(Math.ceil(safeDelay(timeout)));
  while (inFlight.size > 0)
    await untilAborted(Promise.all(inFlight.keys()), late, () => tooLate(vendor, inFlight, timeout));
}

/** So many are named; the rest is counted. */
const NAMED = 5;

function tooLate(vendor: string, inFlight: InFlight, timeout: number | undefined): AbortedError {
  const all = [...inFlight.values()];
  const rest = all.length > NAMED ? ` and ${all.length - NAMED} more` : "";
  const message = `after ${timeout} ms these are still under way: ${all.slice(0, NAMED).join(", ")}${rest}; drain again, or leave it to resume()`;
  return new AbortedError(message, { vendor, phase: "submit" });
}
