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
 * One look at a key, and at most one exchange with the vendor: the submit when nothing was sent, else one poll. It waits for
 * nothing: not for room, not for another call, not for a time. Call it again when it says so, from any process: for a job, a
 * durable step, a cron tick. Of a router, a vendor that refuses is followed by the next one in the same step.
 *
 * Refusals are thrown; what can pass by itself is `again`. Give the client a durable journal, or a key protects one process.
 *
 * @throws VendorError (no credits, a refused API key), InvalidRequestError (a wrong request, too dear), ConnectionError where a
 * part of vidtask cannot be loaded
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
