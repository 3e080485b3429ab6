// The rules that only APIXO's pages state.
import type { Check } from "../rules.ts";

/** Whether an address can be reached is found out later, by the task. */
export const imageUrls: Check = (value) =>
  Array.isArray(value) &&
  (value.length === 1 || value.length === 2) &&
  value.every((url) => typeof url === "string" && url !== "")
    ? undefined
    : "must be an array of 1 or 2 URLs";

export const cfgScale: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 && Math.abs(value * 10 - Math.round(value * 10)) < 1e-9
    ? undefined
    : "must be a number from 0 to 1 in steps of 0.1";
