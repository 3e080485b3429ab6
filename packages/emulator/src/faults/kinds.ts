// Every fault: where it may be asked for, and whether the submit that it hits was accepted, and so charged.
// FAULTS.md says what the caller meets.

/**
 * Where a fault hits: a submit, a poll of a task's status, a download of a result, the callback of a task; and of vendors that
 * have them, the second call of a result, a list of tasks, a cancel.
 */
export type FaultOn = "submit" | "poll" | "download" | "callback" | "result" | "find" | "cancel";

type Known =
  | "reset-before-read"
  | "idle-close"
  | "idle-408"
  | "reset-after-accept"
  | "close-after-accept"
  | "reset-reused"
  | "listener-gone"
  | "no-answer"
  | "cut"
  | "cut-no-length"
  | "cut-id"
  | "empty"
  | "html-200"
  | "html-502"
  | "302"
  | "307"
  | "402"
  | "404"
  | "409"
  | "421"
  | "422"
  | "429"
  | "500"
  | "502"
  | "503"
  | "unknown-state"
  | "stuck"
  | "expired"
  | "cut-mp4"
  | "wrong-length"
  | "other-file"
  | "lost"
  | "late"
  | "duplicate"
  | "reordered"
  | "forged"
  | "forged-failure"
  | "before-answer"
  | "tampered"
  | "replayed"
  | "lagging"
  | "too-late";

/** `fail:<code>`: the task fails with this code, one that the vendor documents. */
export type Fault = Known | `fail:${string}`;

interface Kind {
  on: readonly FaultOn[];
  /** Whether a submit was accepted. Those with a default may be asked for either way by `accepted`. */
  accepted: "never" | "always" | "unless-told" | "if-told";
  /** Its further options. */
  takes?: readonly ("at" | "delay" | "location" | "retryAfter")[];
  /** Hits only a connection that has carried a request. */
  reusedOnly?: true;
  /** The request is not read. */
  unread?: true;
  /** Of a callback: decided when the task is submitted, not when it ends. */
  early?: true;
}

const EXCHANGES: readonly FaultOn[] = ["submit", "poll", "download", "result", "find", "cancel"];
const API: readonly FaultOn[] = ["submit", "poll", "result", "find", "cancel"];
/** Where a task may be given its end. */
const OF_TASK: readonly FaultOn[] = ["submit", "poll"];

export const kinds: Readonly<Record<Known, Kind>> = {
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
  "402": { on: ["submit"], accepted: "never" },
  "404": { on: EXCHANGES, accepted: "never" },
  "409": { on: ["submit"], accepted: "never" },
  "421": { on: EXCHANGES, accepted: "never" },
  "422": { on: ["submit"], accepted: "never" },
  "429": { on: EXCHANGES, accepted: "never", takes: ["retryAfter"] },
  "500": { on: EXCHANGES, accepted: "if-told" },
  "502": { on: EXCHANGES, accepted: "if-told" },
  "503": { on: EXCHANGES, accepted: "if-told", takes: ["retryAfter"] },
  "unknown-state": { on: ["poll"], accepted: "never" },
  stuck: { on: OF_TASK, accepted: "always" },
  expired: { on: ["download"], accepted: "never" },
  "cut-mp4": { on: ["download"], accepted: "never", takes: ["at"] },
  "wrong-length": { on: ["download"], accepted: "never" },
  "other-file": { on: ["download"], accepted: "never" },
  lost: { on: ["callback"], accepted: "never" },
  late: { on: ["callback"], accepted: "never", takes: ["delay"] },
  duplicate: { on: ["callback"], accepted: "never" },
  reordered: { on: ["callback"], accepted: "never", takes: ["delay"] },
  forged: { on: ["callback"], accepted: "never", early: true },
  "forged-failure": { on: ["callback"], accepted: "never", early: true },
  "before-answer": { on: ["callback"], accepted: "never", early: true },
  tampered: { on: ["callback"], accepted: "never" },
  replayed: { on: ["callback"], accepted: "never", takes: ["delay"] },
  lagging: { on: ["find"], accepted: "never", takes: ["delay"] },
  "too-late": { on: ["cancel"], accepted: "never" },
};

const FAIL: Kind = { on: OF_TASK, accepted: "always" };

export const failCodeOf = (kind: string): string | undefined =>
  kind.startsWith("fail:") ? kind.slice("fail:".length) : undefined;

export function kindOf(name: unknown): Kind | undefined {
  if (typeof name !== "string") return undefined;
  if (failCodeOf(name) !== undefined) return FAIL;
  return Object.hasOwn(kinds, name) ? kinds[name as Known] : undefined;
}

/** What becomes of the task; the exchange itself may go well. */
export const isOfTask = (kind: string): boolean => kind === "stuck" || failCodeOf(kind) !== undefined;
