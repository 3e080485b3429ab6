import type { Rules } from "../task/check-options.ts";
import { aNumber } from "../task/option-rules.ts";

export type DrainOptions = { timeout?: number | undefined };

export const DRAIN_RULES: Rules<DrainOptions> = {
  timeout: aNumber("milliseconds, 0 or more (Infinity, or absent: no limit)", (ms) => ms >= 0),
};
