// Of the mutants of `unit-mutants.ts` those that break a store's journal, slots or budget. Those of real servers need them.
import type { Patch, UnitMutant } from "./mutated-copy.ts";
import { ofSuite } from "./store-mutants/of-suite.ts";
import { redisMutants } from "./store-mutants/redis.ts";
import { sqlMutants } from "./store-mutants/sql.ts";

const memory = ofSuite("", { package: "core", files: ["src/limits/memory-slots.test.ts"] });
const memorySlots = (from: Patch["from"], to: string): Patch => ({ file: "core/src/limits/memory-slots.ts", from, to });

export const storeMutants: { readonly [name: string]: UnitMutant } = {
  ...redisMutants,
  ...sqlMutants,
  "memory-dead-ticket-blocks": memory(
    "who does not come back keeps its place in the line",
    "who does not come back is passed over",
    memorySlots("account.line.lapse(now);", ""),
  ),
  "memory-unfair": memory(
    "a slot goes to whoever asks next",
    "who asked first is served first",
    memorySlots("account.places.ahead(ticket.place)", "0"),
  ),
  "memory-renew-shortens": memory(
    "a slot that is asked for again for less gets less",
    "asking again renews a slot",
    memorySlots("Math.max(held.get(holder) ?? 0, until)", "until"),
  ),
};
