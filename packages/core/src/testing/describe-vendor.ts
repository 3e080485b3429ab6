import { checkSpec } from "../client/check-spec.ts";
import { settingsOf } from "../client/members.ts";
import { callbackCases } from "./vendor-callback-cases.ts";
import { cancelCases } from "./vendor-cancel-cases.ts";
import { findCases } from "./vendor-find-cases.ts";
import { nextCases } from "./vendor-next-cases.ts";
import { planCases } from "./vendor-plan-cases.ts";
import { readCases } from "./vendor-read-cases.ts";
import { submitCases } from "./vendor-submit-cases.ts";
import { madeUpSecrets, type Create, type DescribeVendorOptions, type Suite } from "./vendor-suite.ts";

/**
 * Conformance of a vendor package: replays its fixtures through a stub `fetch`, and every fault of the submit and the
 * polling table. What a spec has is tested: credentials, `find`, `cancel`, callbacks and their signatures, a second call of a
 * status. One call in a test file is a vendor's test.
 *
 * @throws TypeError that names the member of the spec that is wrong, or what is missing: `test`, or the fixture of something that
 * the spec has
 */
export function describeVendor(create: Create, options: DescribeVendorOptions): void {
  const test = options.test ?? (globalThis as { test?: Suite["test"] }).test;
  if (!test)
    throw new TypeError("describeVendor: pass `test`, your runner's function, or run where `test` is a global");
  const adapter = checkSpec(settingsOf(create()).adapter);
  const suite: Suite = { ...options, test, create, adapter, secrets: options.secrets ?? madeUpSecrets(adapter) };
  checkFixtures(suite);
  planCases(suite);
  submitCases(suite);
  readCases(suite);
  nextCases(suite);
  if (adapter.find) findCases(suite, adapter.find);
  if (adapter.cancel) cancelCases(suite, adapter.cancel);
  if (adapter.callback) callbackCases(suite, adapter.callback);
}

function checkFixtures({ adapter: { vendor, find, callback }, fixtures, sign }: Suite): void {
  const needed: [has: boolean, member: string, given: unknown, option: string][] = [
    [find !== undefined, "find", fixtures.find, "fixtures.find"],
    [callback !== undefined, "callback", fixtures.callback, "fixtures.callback"],
    [callback?.challenge !== undefined, "callback.challenge", fixtures.challenge, "fixtures.challenge"],
    [callback?.verify !== undefined, "callback.verify", sign, "sign"],
  ];
  for (const [has, member, given, option] of needed)
    if (has && given === undefined)
      throw new TypeError(`describeVendor: the spec of ${vendor} has \`${member}\`, so pass \`${option}\``);
}
