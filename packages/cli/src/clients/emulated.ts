// The emulator of `--emulate`, which is loaded only for it.
import type { EmulatorConnection } from "@vidtask/emulator/connect";
import { UsageError } from "../usage-error.ts";

export type Emulated = EmulatorConnection & {
  /** Where its tasks are remembered; nothing when they end with this process. */
  readonly journal: string | undefined;
};

/** @throws UsageError when none answers at an address that was named */
export async function emulate(given: string, realJournal: string): Promise<Emulated> {
  const { emulatedJournal, findEmulator, NoEmulatorError } = await import("@vidtask/emulator/connect");
  const found = await findEmulator(given).catch((error: unknown) => {
    if (!(error instanceof NoEmulatorError)) throw error;
    throw new UsageError(error.message, [
      "Start one with: vidtask emulate",
      "Or leave the address out: --emulate alone starts one.",
    ]);
  });
  return { ...found, journal: found.isEmbedded ? undefined : emulatedJournal(found, realJournal) };
}
