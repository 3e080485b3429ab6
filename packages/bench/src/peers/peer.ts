// What is compared: a client of another maker, or of ours, and the wire protocol that it speaks.
import type { Dialect } from "./dialect.ts";

/** Where a client of the bench sends to: its vendor on this machine. */
export type Site = {
  /** `http://127.0.0.1:…`, or a base URL that only `fetch` knows. */
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  /** Between two polls, where the bench of CPU does not want to wait; else as documented. */
  readonly intervalMs?: number;
};

/** One video: paid for, and waited for. */
export type Call = {
  /** The program's own name for this video, which it keeps when it calls again. */
  readonly key: string;
  readonly signal?: AbortSignal;
  /** Is called with the task's id where the client hands it out before the end. */
  onId(id: string): void;
};

/** A way to use a client that its own documentation shows. */
export type Form = {
  /** What is called, with its options. */
  readonly calls: string;
  /** Why so, and where it is documented. */
  readonly why: string;
  /** The function for one video; `library` is what the entry exports. */
  client(library: unknown, site: Site): (call: Call) => Promise<unknown>;
};

export type Peer = {
  readonly name: string;
  /** What is installed, as npm knows it. */
  readonly packages: readonly string[];
  /** The module that a user's program would load: what is imported is bundled, started and measured. */
  readonly entry: string;
  /** Ten lines of a user's program in TypeScript, for the compiler. */
  readonly program: string;
  readonly dialect: Dialect;
  /** Faults of polls that its protocol cannot have, and why. */
  readonly cannotHave?: { readonly [fault: string]: string };
  /** As its pages first show it. */
  readonly quickStart: Form;
  /** With the documented options that pay least often and wait longest; the quick start, where there are none. */
  readonly best?: Form;
};

/** Waits, or rejects when the signal aborts: what a loop of a program's own sleeps with. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true });
  });
}

/** A module's exports, as far as a client of the bench uses them. */
export const asLibrary = <T>(library: unknown): T => library as T;

export const PROMPT = "a waterfall in the forest";
