import { Verifier } from "@pact-foundation/pact";
import type { Finding } from "./verify.ts";

const [file = "", providerBaseUrl = ""] = process.argv.slice(2);
const verifier = new Verifier({
  provider: "vendor",
  pactUrls: [file],
  providerBaseUrl,
  // Above what the way to the vendor allows itself.
  timeout: 600_000,
  logLevel: "error",
});
// What does not hold comes as JSON in the error's message.
const findings = await verifier.verifyProvider().then(
  () => [],
  (error: unknown) => (JSON.parse((error as Error).message) as { errors: Finding[] }).errors,
);
process.send?.(findings, () => process.exit());
