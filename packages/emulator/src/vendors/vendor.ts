// A vendor as the emulator plays it. Everything outside vendors/<name>/ is the same for all.
import type { TextAnswer } from "../network/reply.ts";
import type { Call, Context } from "./context.ts";
import type { Refusals, Route } from "./dialect-parts.ts";
import type { Dialect } from "./dialect.ts";

/** What `defineDialect` gives: for `createEmulator({ vendors })` and `emulator.for`. */
export interface EmulatedVendor<S extends Readonly<Record<string, string>> = Readonly<Record<string, string>>> {
  /** As in a ref. */
  readonly name: string;
  /** The path of its base URL. */
  readonly path: string;
  /** What a client signs in with. */
  readonly secrets: S;
}

/** Which of its calls a request is. */
export type CallKind = "submit" | "poll" | "result" | "find" | "cancel" | "other";

/** The call that a request is. */
export interface Matched {
  kind: CallKind;
  params: Readonly<Record<string, string>>;
  /** Of a call that asks for one task. */
  taskId?: string | undefined;
  route: Route;
}

/** What a request asks for. */
export interface Target {
  /** Of its URL. */
  pathname: string;
  query: URLSearchParams;
  /** Nothing where the vendor has no such call. */
  matched: Matched | undefined;
}

/** A dialect that `defineDialect` has checked. */
export interface Vendor extends Omit<Dialect, "refusals" | "settings" | "fidelity"> {
  readonly refusals: Refusals;
  readonly settings: NonNullable<Dialect["settings"]>;
  readonly fidelity: NonNullable<Dialect["fidelity"]>;
  /** The first segments below `path`: they tell apart two vendors with the same `path`. */
  readonly roots: readonly string[];
  /** The call that a request is; `path` is below the vendor's. */
  match(method: string, path: string, query: URLSearchParams): Matched | undefined;
}

/** A vendor in a scope. */
export interface Part {
  name: string;
  vendor: Vendor;
  context: Context;
  /** Its answer to a request that is below its `path`. */
  answer(request: Request, call: Call, target: Target): Response | TextAnswer | PromiseLike<Response | TextAnswer>;
}
