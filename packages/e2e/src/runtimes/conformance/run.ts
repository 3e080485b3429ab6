// Part two, seen from the emulator, which has a server in this process.
import type { Say } from "@vidtask/bench/progress";
import { keyIn, vendorNames, type VendorName } from "@vidtask/bench/vendors";
import { createEmulator, type Emulator } from "@vidtask/emulator";
import type { Host } from "../host.ts";
import { PARTS, type ConformanceTold } from "./program.ts";
import type { EmulatorAccess } from "./setup.ts";

export const CONFORMANCE_HEAD = [...PARTS, "paid once"];

/** A minute is 300 ms. */
const SPEED = 200;

export type ConformanceRow = { cells: readonly string[]; wrong: readonly string[] };

export async function runConformanceOn(host: Host, nodeCases: string, say: Say): Promise<ConformanceRow> {
  const emulator = createEmulator({ clock: { speed: SPEED }, credits: 10_000 });
  const origin = Date.now();
  const server = await emulator.listen();
  const connect = (vendor: VendorName) => {
    const { apiKey, baseUrl } = server.for(vendor);
    return [vendor, { apiKey, baseUrl }] as const;
  };
  const access = { origin, speed: SPEED, vendors: Object.fromEntries(vendorNames.map(connect)) } as EmulatorAccess;
  const told = await host.run<ConformanceTold>({ program: "conformance", emulator: access, nodeCases }, say);
  await server.close();
  if (typeof told === "string") return { cells: [told], wrong: ["the suite runs to its end"] };
  const money = paidOnce(emulator);
  const cells = PARTS.map((part) => {
    const { passed, failed } = told[part];
    if (passed + failed.length === 0) return "–";
    return `${passed} passed${failed.length > 0 ? `, ${failed.length} FAILED` : ""}`;
  });
  return { cells: [...cells, money.shown], wrong: [...PARTS.flatMap((part) => told[part].failed), ...money.wrong] };
}

/** Every submit names its key in its prompt: however it ended, one paid request of it was read, and it was charged once at most. */
function paidOnce({ requests, ledger, callbacks }: Emulator): { shown: string; wrong: string[] } {
  const posts = new Map<string, number>();
  for (const { vendor, method, body } of requests) {
    const key = method === "POST" ? keyIn(JSON.stringify(body) ?? "") : undefined;
    if (key !== undefined) posts.set(`${key} at ${vendor}`, (posts.get(`${key} at ${vendor}`) ?? 0) + 1);
  }
  const charged = ledger.filter(({ kind }) => kind === "charge").length;
  const wrong = [...posts].flatMap(([key, count]) => (count === 1 ? [] : [`${key}: ${count} paid requests were read`]));
  if (charged > posts.size) wrong.push(`${charged} charges for ${posts.size} keys`);
  // The program may end before it has answered the last one.
  for (const { vendor, status = 200 } of callbacks)
    if (status !== 200) wrong.push(`a callback of ${vendor} met ${status}`);
  return { shown: `${posts.size} keys, ${charged} charges, ${callbacks.length} callbacks`, wrong };
}
