export { createEmulator, type Emulator, type EmulatorServer } from "./emulator.ts";
export type { ClockMode, EmulatorClock } from "./clock.ts";
export type { LedgerEntry } from "./ledger.ts";
export type { EmulatorOptions } from "./options.ts";
export type { RequestEntry } from "./requests.ts";
