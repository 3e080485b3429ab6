// Where a model that crossed a process boundary finds its client again: a client holds keys and connections, and is never
// serialized.
import type { VideoClient } from "@vidtask/core";
import { issue } from "@vidtask/core/router";
import { invalid } from "./errors.ts";

/** Makes or returns the client when it is first needed. */
export type ClientOf = () => VideoClient;

// Of the process, not of the module: bundlers make copies of modules.
const KEY = Symbol.for("vidtask.ai-sdk-provider");
const providers = (): Map<string, ClientOf> => {
  const here = globalThis as { [KEY]?: Map<string, ClientOf> };
  return (here[KEY] ??= new Map());
};

export const register = (name: string, clientOf: ClientOf): void => void providers().set(name, clientOf);

export type SerializedModel = {
  readonly provider: string;
  readonly modelId: string;
  /** True for a model of `unlistedVideo`. */
  readonly isUnlisted?: true;
};

/** @throws InvalidRequestError where this process has made no provider of that name */
export function clientNamed(name: string, fallback?: ClientOf): ClientOf {
  const clientOf = providers().get(name) ?? fallback;
  if (clientOf) return clientOf;
  const rule = "the name of a provider of this process: import the module that calls createVidtaskProvider here too";
  throw invalid("", [issue("provider", rule, name)]);
}

/** Made when it is first needed, and kept. */
export function once(make: ClientOf): ClientOf {
  let client: VideoClient | undefined;
  return () => (client ??= make());
}
