// What a server may do to a paid request, and what must come of it. Every request follows a GET on the same origin,
// which leaves a kept-alive connection behind that it must not take.
export type Fault =
  | "none"
  | "reset-reused"
  | "stale"
  | "idle-408"
  | "reset"
  | "fin"
  | "listener-gone"
  | "refused"
  | "302"
  | "307"
  | "421"
  | "no-answer"
  | "cut-id"
  | "abort";

export type Wanted = {
  /** Read by the server, per submit. */
  posts: number;
  /** How the submit ends, and the state of its row in the journal then. */
  ending: "task, accepted" | "SubmitUnknownError, unknown" | "VendorError, refused" | "AbortError, accepted";
};

export type Case = { fault: Fault; what: string; submits: number; wanted: Wanted; onNode?: Wanted };

const ACCEPTED: Wanted = { posts: 1, ending: "task, accepted" };
const UNKNOWN: Wanted = { posts: 1, ending: "SubmitUnknownError, unknown" };
const REFUSED: Wanted = { posts: 1, ending: "VendorError, refused" };

export const cases: readonly Case[] = [
  { fault: "none", what: "answered", submits: 5, wanted: ACCEPTED },
  { fault: "reset-reused", what: "a reused connection is reset after reading", submits: 5, wanted: ACCEPTED },
  { fault: "stale", what: "idle connections are closed at the same moment", submits: 20, wanted: ACCEPTED },
  { fault: "idle-408", what: "idle connections get a 408 at the same moment", submits: 20, wanted: ACCEPTED },
  { fault: "reset", what: "read, then reset", submits: 5, wanted: UNKNOWN },
  { fault: "fin", what: "read, then closed", submits: 5, wanted: UNKNOWN },
  { fault: "listener-gone", what: "read, then reset, and nobody listens", submits: 3, wanted: UNKNOWN },
  { fault: "refused", what: "nobody listens at first", submits: 1, wanted: ACCEPTED },
  { fault: "302", what: "redirected by 302", submits: 3, wanted: UNKNOWN },
  { fault: "307", what: "redirected by 307", submits: 3, wanted: REFUSED },
  // Node sends again by itself after a 421, which says that the first was not taken; the client raises an alarm.
  { fault: "421", what: "421 on the first", submits: 3, wanted: REFUSED, onNode: { ...ACCEPTED, posts: 2 } },
  { fault: "no-answer", what: "read, never answered", submits: 2, wanted: UNKNOWN },
  { fault: "cut-id", what: "answered, cut inside of the task's id", submits: 3, wanted: UNKNOWN },
  {
    fault: "abort",
    what: "answered after the caller's abort",
    submits: 3,
    wanted: { posts: 1, ending: "AbortError, accepted" },
  },
];

/** After so many ms idle connections meet what "stale" and "idle-408" name; the program submits around then. */
export const IDLE_MS = 60;
/** An answer that takes so long, and an abort that comes before it. */
export const SLOW_MS = 250;
export const ABORT_MS = 60;
