// Suites and helpers for tests. Not for programs.
export { INVALID_KEY, runInteraction, VALID_KEY, type Interaction } from "./contract.ts";
export { describeJournal } from "./describe-journal.ts";
export { describeVendor } from "./describe-vendor.ts";
export type { Create, DescribeVendorOptions, VendorFixtures } from "./suite.ts";
export type { DescribeJournalOptions } from "./journal-suite.ts";
