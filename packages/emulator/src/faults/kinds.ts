// Every fault: where it may be asked for, and whether the submit that it hits was accepted, and so charged.
// README.md, "Faults", says what the caller meets.

export type FaultOn = "submit" | "get" | "download" | "callback";

interface Kind {
  on: readonly FaultOn[];
  /** Whether a submit was accepted. Those with a default may be asked for either way by `accepted`. */
  accepted: "never" | "always" | "unless-told" | "if-told";
  /** What else may be said of it. */
  takes?: readonly ("at" | "location" | "retryAfter")[];
  /** Hits only a connection that has carried a request before. */
  reusedOnly?: true;
  /** The request is not read. */
  unread?: true;
}

const EXCHANGES: readonly FaultOn[] = ["submit", "get", "download"];
const API: readonly FaultOn[] = ["submit", "get"];

export const kinds = {
  "reset-before-read": { on: EXCHANGES, accepted: "never", unread: true },
  "idle-close": { on: EXCHANGES, accepted: "never", unread: true, reusedOnly: true },
  "idle-408": { on: EXCHANGES, accepted: "never", unread: true },
  "reset-after-accept": { on: EXCHANGES, accepted: "always" },
  "close-after-accept": { on: EXCHANGES, accepted: "always" },
  "reset-reused": { on: EXCHANGES, accepted: "unless-told", reusedOnly: true },
  "listener-gone": { on: EXCHANGES, accepted: "unless-told" },
  "no-answer": { on: EXCHANGES, accepted: "unless-told" },
  cut: { on: EXCHANGES, accepted: "always", takes: ["at"] },
  "cut-no-length": { on: API, accepted: "always", takes: ["at"] },
  "cut-id": { on: ["submit"], accepted: "always" },
  empty: { on: EXCHANGES, accepted: "unless-told" },
  "html-200": { on: EXCHANGES, accepted: "unless-told" },
  "html-502": { on: EXCHANGES, accepted: "if-told" },
  "302": { on: EXCHANGES, accepted: "if-told", takes: ["location"] },
  "307": { on: EXCHANGES, accepted: "if-told", takes: ["location"] },
  "404": { on: EXCHANGES, accepted: "never" },
  "421": { on: EXCHANGES, accepted: "never" },
  "429": { on: EXCHANGES, accepted: "never", takes: ["retryAfter"] },
  "500": { on: EXCHANGES, accepted: "if-told" },
  "502": { on: EXCHANGES, accepted: "if-told" },
  "503": { on: EXCHANGES, accepted: "if-told", takes: ["retryAfter"] },
  "unknown-state": { on: ["get"], accepted: "never" },
  stuck: { on: API, accepted: "always" },
  expired: { on: ["download"], accepted: "never" },
  "cut-mp4": { on: ["download"], accepted: "never", takes: ["at"] },
  "wrong-length": { on: ["download"], accepted: "never" },
  "other-file": { on: ["download"], accepted: "never" },
} as const satisfies Record<string, Kind>;

/** `fail:<code>`: the task fails with this code, one that the vendor documents. */
export type Fault = keyof typeof kinds | `fail:${string}`;

const FAIL: Kind = { on: API, accepted: "always" };

export const failCodeOf = (kind: string): string | undefined =>
  kind.startsWith("fail:") ? kind.slice("fail:".length) : undefined;

export function kindOf(name: unknown): Kind | undefined {
  if (typeof name !== "string") return undefined;
  if (failCodeOf(name) !== undefined) return FAIL;
  return Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : undefined;
}

/** What becomes of the task, beside which the exchange may go well. */
export const isOfTask = (kind: string): boolean => kind === "stuck" || failCodeOf(kind) !== undefined;
