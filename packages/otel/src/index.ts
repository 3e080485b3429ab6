export { instrumentVidtask } from "./instrument.ts";
export type { InstrumentOptions } from "./options.ts";
