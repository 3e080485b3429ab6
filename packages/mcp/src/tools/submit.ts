import { InvalidRequestError } from "vidtask";
import { z } from "zod";
import { taskView, type Data } from "../answers.ts";
import { findModels, offersFor, type Desk } from "../desk.ts";
import { withPatience } from "../patience.ts";
import { Refusal, shown } from "../refusal.ts";
import { readRequest, REQUEST_FIELDS } from "./request.ts";

export const submitInput = z.strictObject({
  idempotencyKey: z
    .string()
    .min(1)
    .max(64)
    .describe("your name for this video, 1 to 64 characters; the same key is paid for once, however often you call"),
  confirmedPriceUsd: z.number().min(0).describe("the priceUsd of the offer, as confirmed by the person who pays"),
  vendor: z.string().describe("of the offer"),
  model: z.string().describe("of the offer"),
  ...REQUEST_FIELDS,
});

/** How long a submit may wait for room in the limits before it is given up with nothing sent. */
const ROOM_MS = 15_000;

/** Pays for one video, once for each key, and returns at once. */
export async function submit(desk: Desk, input: z.output<typeof submitInput>): Promise<Data> {
  const { idempotencyKey, confirmedPriceUsd, vendor, model, ...given } = input;
  const { spending, jobs, journal, clock } = desk;
  const rows = findModels(desk, model, vendor);
  const [offer] = offersFor(rows, await readRequest(given, desk.folder));
  if (!offer) throw new Refusal("no_such_model", `there is no model ${shown(model)}`, "Call video_quote.");
  const { client } = offer;
  if ("issues" in offer) throw new InvalidRequestError({ vendor, phase: "plan", idempotencyKey, issues: offer.issues });
  const maxPrice = spending.check(offer.plan.price?.usd, confirmedPriceUsd);
  // It goes on when the agent's host gives up on the call: what has left is paid for, and its answer is journaled. Another
  // request under the same key is refused by the journal, at once too.
  const work = jobs.join(idempotencyKey, inOneOrder({ ...given, vendor, model }), async () => {
    const task = await client.submit(offer.plan.request, { idempotencyKey, maxPrice, submitTimeout: ROOM_MS });
    return taskView(task, await journal.get(idempotencyKey));
  });
  return withPatience(clock, work, () => {
    return {
      idempotencyKey,
      state: "submitting",
      next: `Call video_status with the key "${idempotencyKey}". Do not submit this video under another key.`,
    };
  });
}

const inOneOrder = (given: object): string =>
  JSON.stringify(Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1)));
