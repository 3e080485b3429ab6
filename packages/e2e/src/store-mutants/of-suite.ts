import type { Patch, UnitMutant } from "../mutated-copy.ts";

/**
 * Mutants that a suite sees. `sees` begins the name of the test that is there for the rule: another one that is red for its
 * own reason does not count.
 */
export const ofSuite =
  (suite: string, tests: Omit<UnitMutant["tests"], "only">) =>
  (broken: string, sees: string, ...patches: Patch[]): UnitMutant => ({
    broken,
    patches,
    tests: { ...tests, only: `^${suite}${sees}` },
  });

/** On real servers, by `npm run test:stores`. */
export const real = { package: "stores", mode: "stores" as const };
