// The ledger suite in its small size; `npm run chaos` is the full one. Read "Pay once" in core's README first when one fails.
import { expect, test } from "vitest";
import { partsOf } from "./chaos/parts.ts";
import { show } from "./chaos/report.ts";

/** The same every time, so that a failure is the change's; `npm run chaos -- --small` draws another. */
const SEED = 4;

// Beside each other, as they wait more than they work.
test.concurrent.for(partsOf("small", SEED, () => {}))(
  "$name: at most one charge a key, and nothing is lost",
  { timeout: 180_000 }, // ends what hangs
  async ({ run }) => {
    const report = await run();
    expect(report.violations.length === 0 ? "" : show(report)).toBe("");
  },
);
