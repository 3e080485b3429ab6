// What a client takes from environment variables where its options say nothing.
import type { Issue } from "../task/issue.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import type { ClientOptions } from "./options.ts";

/** An environment variable; an empty one is not set. */
export function env(name: string): string | undefined {
  try {
    return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name] || undefined;
  } catch {
    return undefined; // Deno without the permission to read it
  }
}

export const baseUrlEnv = ({ vendor }: Pick<Adapter, "vendor">): string => `${vendor.toUpperCase()}_BASE_URL`;

/** Whether the user has set a base URL of his own. */
export const isBaseUrlSet = ({ baseUrl }: Pick<ClientOptions, "baseUrl">, adapter: Pick<Adapter, "vendor">): boolean =>
  Boolean(baseUrl || env(baseUrlEnv(adapter)));

/** The base URL as it is configured, unchecked. */
export const configuredBaseUrl = ({ baseUrl }: Pick<ClientOptions, "baseUrl">, adapter: Adapter): string =>
  baseUrl || env(baseUrlEnv(adapter)) || adapter.baseUrl;

/** The issue of a value that is no option's but an environment variable's, which its message names. */
export const inEnv = (name: string, found: Issue): Issue => ({
  ...found,
  message: `the environment variable ${name} ${found.message}`,
});
