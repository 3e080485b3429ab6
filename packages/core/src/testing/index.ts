// Suites and helpers for tests. Not for programs.
export {
  INVALID_KEY,
  runCallback,
  runInteraction,
  VALID_KEY,
  type CallbackMessage,
  type Interaction,
} from "./contract.ts";
export { describeJournal } from "./describe-journal.ts";
export { describeVendor } from "./describe-vendor.ts";
export { fuzzVendor, type FuzzVendorOptions } from "./fuzz-vendor.ts";
export type { Create, DescribeVendorOptions, VendorFixtures } from "./suite.ts";
export type { DescribeJournalOptions } from "./journal-suite.ts";
