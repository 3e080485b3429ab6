// The CPU and the memory of one video and ten polls. Real time, without waits; the vendor is in the process that starts this one.
import { costOf, type Cost } from "../../call/cost.ts";
import type { Peer } from "../peer.ts";

export async function cost(
  peer: Peer,
  library: unknown,
  { baseUrl, rounds }: { baseUrl: string; rounds: number },
): Promise<Cost> {
  const form = peer.best ?? peer.quickStart;
  const call = form.client(library, { baseUrl, intervalMs: 1 });
  let count = 0;
  return costOf(() => call({ key: `row-${count++}`, onId() {} }), rounds);
}
