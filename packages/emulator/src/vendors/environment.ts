// The environment of a client in another process: `ACME_BASE_URL`, and `ACME_ACCESS_KEY` for the secret `accessKey`.
import type { Vendor } from "./vendor.ts";

export function environmentOf(
  { name, secrets }: Pick<Vendor, "name" | "secrets">,
  baseUrl: string,
): Record<string, string> {
  const variable = (word: string) =>
    `${name}_${word.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_")}`.replaceAll("-", "_").toUpperCase();
  const pairs = Object.entries(secrets).map(([option, secret]) => [variable(option), secret]);
  return { [variable("baseUrl")]: baseUrl, ...Object.fromEntries(pairs) };
}
