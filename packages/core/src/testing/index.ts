// Suites for tests, not for programs. They need no package beside core: contracts and fuzzing, which do, have entries of their own.
export { describeBudget, type DescribeBudgetOptions } from "./describe-budget.ts";
export { describeJournal } from "./describe-journal.ts";
export { describeSlots, type DescribeSlotsOptions } from "./describe-slots.ts";
export { describeVendor } from "./describe-vendor.ts";
export { withNext, withStatus, type VendorFixtures } from "./vendor-fixtures.ts";
export type { Create, DescribeVendorOptions } from "./vendor-suite.ts";
export type { DescribeJournalOptions } from "./journal-suite.ts";
