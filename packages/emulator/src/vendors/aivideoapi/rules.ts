// The rules that only AIVideoAPI's pages state.
import { someText, type Check } from "../rules.ts";

/** How many are taken is not documented; every example has one. Whether an address can be reached is found out later. */
export const imageUrls: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((url) => someText(url) === undefined)
    ? undefined
    : "must be an array of URLs";
