// How long a task of the journal takes, by its model's documented times.
import type { JournalEntry, TaskRef } from "vidtask";
import type { Clients } from "../clients/clients.ts";
import { isVendor } from "../vendors.ts";

/** Nothing where the vendor's pages have no time. */
export function expectedTime(
  { clients }: Pick<Clients, "clients">,
  { vendor, model }: Pick<TaskRef, "vendor" | "model">,
  entry: Pick<JournalEntry, "request"> | undefined,
): { minMs: number; maxMs: number } | undefined {
  const { timing = [] } = (isVendor(vendor) ? clients[vendor].models[model] : undefined) ?? {};
  const duration = entry?.request?.["duration"] ?? 5;
  const found = timing.find((one) => one.duration === duration) ?? timing.find((one) => one.duration === undefined);
  if (!found) return undefined;
  return "p50Ms" in found ? { minMs: found.p50Ms, maxMs: found.p90Ms } : { minMs: found.minMs, maxMs: found.maxMs };
}
