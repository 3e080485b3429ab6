// The emulator as the vendor of a run, counting at each change. It takes a third of the CPU that the workers take, and refuses more
// tasks at once and more requests a minute than APIXO documents.
import { createEmulator } from "@vidtask/emulator";
import { partsOf } from "../../../emulator/src/emulator.ts";

export type CountingVendor = {
  connection: { apiKey: string; baseUrl: string };
  /** `most`: tasks that ran at once. */
  counts(): { charges: number; prompts: number; most: number };
  close(): Promise<void>;
};

/** @param speed how much faster than real its time passes; tasks take as long as the vendor's do */
export async function startVendor(speed: number): Promise<CountingVendor> {
  const emulator = createEmulator({ vendors: ["apixo"], clock: { speed }, credits: 1e6 });
  const prompts = new Set<string>();
  let most = 0;
  for (const { context } of partsOf.get(emulator) ?? []) {
    const { store } = context;
    const put = store.put;
    // The only moment at which there can be more.
    store.put = (task) => {
      put(task);
      prompts.add(task.clip.prompt);
      most = Math.max(most, store.running().length);
    };
  }
  const server = await emulator.listen();
  const { apiKey, baseUrl } = server.for("apixo");
  return {
    connection: { apiKey, baseUrl },
    counts: () => ({
      charges: emulator.ledger.filter(({ kind }) => kind === "charge").length,
      prompts: prompts.size,
      most,
    }),
    close: () => server.close(),
  };
}
