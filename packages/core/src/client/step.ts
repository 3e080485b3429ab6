// One look at a key and at most one exchange: what a job, a durable step or a cron tick can do in the time it has.
import type { VideoRequest } from "../request/request.ts";
import { snapshot } from "../request/snapshot.ts";
import { checkOptions } from "../task/check-options.ts";
import { InvalidRequestError } from "../task/errors.ts";
import type { VideoClient } from "./client.ts";
import { aClient } from "./members.ts";
import { stepping } from "./parts.ts";
import { stepRules, type Stepped, type StepOptions } from "./step-options.ts";

/**
 * Checks a key once, and makes at most one exchange with the vendor: the submit if nothing was sent, else one poll. It never
 * waits for room, for another call or for a time. Call it again when it says so, from any process: in a job, a
 * durable step or a cron tick. With a router, if a vendor refuses, the same step tries the next one.
 *
 * Refusals are thrown; a temporary problem returns `again`. Give the client a durable journal, or a key protects only this process.
 *
 * @throws VendorError (no credits, a refused API key), InvalidRequestError (a wrong request, a price that is too high),
 * ConnectionError if a part of vidtask cannot be loaded
 */
export async function step<R extends VideoRequest>(client: VideoClient<R>, options: StepOptions<R>): Promise<Stepped> {
  const about = { vendor: "", phase: "submit" } as const;
  const issues: InvalidRequestError["issues"] = [];
  aClient(client, "client", issues);
  if (issues.length > 0) throw new InvalidRequestError({ ...about, issues });
  const { idempotencyKey, request, maxPrice } = checkOptions<StepOptions>(options, stepRules(), {
    of: "step",
    ...about,
    vendor: client.vendor,
  });
  // Now: the object is the caller's, who may change it.
  const asked = { idempotencyKey, request: snapshot(request), maxPrice };
  const { takeStep } = await stepping({ vendor: client.vendor, phase: "submit", key: idempotencyKey });
  return takeStep(client, asked);
}
