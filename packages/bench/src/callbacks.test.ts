// `npm run bench callbacks` in a small size: what it promises of 1,000 tasks, of fewer.
import { expect, test } from "vitest";
import { measureVendor, violationsOf } from "./callbacks.ts";
import { vendorNames } from "./vendors.ts";

const SIZES = { tasks: 36, answers: 15 };

test.concurrent.for(vendorNames)(
  "%s: whatever becomes of callbacks, every end is reported, once where nothing crashed, and no lost answer stays lost",
  async (vendor) => {
    const measured = await measureVendor(vendor, SIZES, 4);
    expect(violationsOf(measured, SIZES)).toEqual([]);
    const { both, rarely, alone, crashes } = measured;
    expect(both.lost).toBeGreaterThan(4);
    expect(crashes.crashes).toBeGreaterThan(0);
    // What a callback saves: waiting, and polls where one relies on it.
    expect(both.waited.polls).toBeLessThan(alone.waited.polls * 1.1);
    expect(both.waited.lagMs).toBeLessThan(alone.waited.lagMs);
    expect(rarely.waited.polls).toBeLessThan(alone.waited.polls / 2);
  },
);
