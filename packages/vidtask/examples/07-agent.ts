import { createAPIModels, createApixo, createVidtask, type FamilyRequest } from "vidtask";
import { sqliteJournal } from "vidtask/node";
const vendors = [createApixo(), createAPIModels()] as const,
  vidtask = createVidtask({ vendors, journal: sqliteJournal("agent.db") });
export function quote(request: FamilyRequest<typeof vendors>) {
  const row = vidtask.compare(request, { prefer: "cheapest" })[0];
  return row?.ok
    ? { quoteId: crypto.randomUUID(), request, vendor: row.vendor, usd: row.plan.price?.usd }
    : { issues: row?.issues };
}
export const make = (q: {
  quoteId: string;
  request: FamilyRequest<typeof vendors>;
  vendor: string;
  usd: number | undefined;
}) => vidtask.submit(q.request, { idempotencyKey: q.quoteId, prefer: [q.vendor], maxPrice: q.usd }); // called twice: same task
