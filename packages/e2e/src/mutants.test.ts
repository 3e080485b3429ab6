// A mutant that no longer fits breaks nothing, and whoever moved the code hears of it here.
import { expect, test } from "vitest";
import { mutants } from "./mutants.ts";
import { checkFit } from "./mutated-copy.ts";
import { unitMutants } from "./unit-mutants.ts";

test.each(Object.entries({ ...mutants, ...unitMutants }))("the mutant %s fits the sources", (_name, mutant) => {
  expect(() => checkFit(mutant)).not.toThrow();
});
