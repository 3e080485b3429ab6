// What else a process may have in it.
import { interceptors } from "./interceptors.ts";
import { nodeAgents, npmUndici } from "./npm-undici.ts";
import { custom, plain, replaced, stopped } from "./own-fetch.ts";
import { CA, proxies } from "./proxies.ts";
import type { Setup } from "./setup.ts";

/** By what they have in common, so that a draw may have some of each. */
export const groups: readonly (readonly Setup[])[] = [
  plain,
  stopped,
  replaced,
  custom,
  [...npmUndici, ...nodeAgents],
  CA,
  proxies,
  interceptors,
];
export const setups: readonly Setup[] = groups.flat();
