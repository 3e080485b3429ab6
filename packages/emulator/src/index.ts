export type { CallbackEntry } from "./callbacks/log.ts";
export { createEmulator, type Emulator, type EmulatorServer } from "./emulator.ts";
export type { ClockMode, EmulatorClock } from "./clock.ts";
export type { Fault, FaultOn } from "./faults/kinds.ts";
export type { FaultOptions, FaultRates } from "./faults/options.ts";
export type { LedgerEntry } from "./ledger.ts";
export type { EmulatorOptions } from "./options.ts";
export type { RequestEntry } from "./requests.ts";
export type { Accounts } from "./vendors/index.ts";
