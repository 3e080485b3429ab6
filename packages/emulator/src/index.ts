export type { CallbackEntry } from "./callbacks/log.ts";
export { createEmulator, type Emulator, type EmulatorServer } from "./emulator.ts";
export type { ClockMode, EmulatorClock } from "./time/clock.ts";
export type { Fault, FaultOn } from "./faults/kinds.ts";
export type { FaultOptions, FaultRates } from "./faults/options.ts";
export type { LedgerEntry } from "./state/ledger.ts";
export type { EmulatorOptions } from "./options.ts";
export type { RequestEntry } from "./state/request-log.ts";
export type { Accounts } from "./vendors/index.ts";
