// What a server may do to a paid request, and what must come of it. Every paid request follows a GET on the same origin,
// which leaves a kept-alive connection behind.
import type { Kind } from "../install.ts";

export type Fault =
  | "none"
  | "reset-reused"
  | "stale"
  | "blocked"
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

/** How a submit ends, and the state of its row in the journal then. */
export type Ending = "task, accepted" | "SubmitUnknownError, unknown" | "VendorError, refused" | "AbortError, accepted";

export type Wanted = {
  /** Read by the server, per submit, on average; a submit whose request is never read is fewer. */
  posts: number | "at most 1";
  endings: readonly Ending[];
};

export type Case = {
  fault: Fault;
  what: string;
  submits: number;
  wanted: Wanted;
  /** Where a runtime cannot do what the others do; `undefined` leaves the case out. */
  on?: { readonly [kind in Kind]?: Wanted | undefined };
  /** The connection of the GET may be gone when the paid request is read. */
  losesGet?: true;
};

const ACCEPTED: Wanted = { posts: 1, endings: ["task, accepted"] };
const UNKNOWN: Wanted = { posts: 1, endings: ["SubmitUnknownError, unknown"] };
const REFUSED: Wanted = { posts: 1, endings: ["VendorError, refused"] };

// workerd takes the kept-alive connection for the paid request, and no option keeps it from that. So a submit may meet a
// dead connection, and is unknown then; it is never sent twice, and its errors prove nothing.
const ON_A_DEAD_ONE: Wanted = { posts: "at most 1", endings: ["task, accepted", "SubmitUnknownError, unknown"] };

export const cases: readonly Case[] = [
  { fault: "none", what: "answered", submits: 5, wanted: ACCEPTED },
  {
    fault: "reset-reused",
    what: "read, then reset, on a reused connection only",
    submits: 5,
    wanted: ACCEPTED,
    on: { workerd: UNKNOWN },
  },
  {
    fault: "stale",
    what: "idle connections closed within 100 ms",
    submits: 36,
    wanted: ACCEPTED,
    on: { workerd: ON_A_DEAD_ONE },
    losesGet: true,
  },
  {
    fault: "blocked",
    what: "idle connections closed while the program was busy",
    submits: 10,
    wanted: ACCEPTED,
    on: { workerd: undefined }, // time stands still there while a program is busy
    losesGet: true,
  },
  {
    fault: "idle-408",
    what: "idle connections given a 408 within 100 ms",
    submits: 36,
    wanted: ACCEPTED,
    on: { workerd: ON_A_DEAD_ONE },
    losesGet: true,
  },
  { fault: "reset", what: "read, then reset (RST)", submits: 5, wanted: UNKNOWN },
  { fault: "fin", what: "read, then closed (FIN)", submits: 5, wanted: UNKNOWN },
  { fault: "listener-gone", what: "read, then reset, and the port is closed for 300 ms", submits: 3, wanted: UNKNOWN },
  {
    fault: "refused",
    what: "the port is closed for 400 ms",
    submits: 2,
    wanted: ACCEPTED,
    on: { workerd: { posts: 0, endings: UNKNOWN.endings } },
    losesGet: true,
  },
  { fault: "302", what: "redirected, to a closed port", submits: 3, wanted: UNKNOWN },
  { fault: "307", what: "redirected, to where it would be taken", submits: 3, wanted: REFUSED },
  { fault: "421", what: "misdirected, the first time", submits: 3, wanted: REFUSED },
  { fault: "no-answer", what: "read, never answered", submits: 2, wanted: UNKNOWN },
  { fault: "cut-id", what: "the answer is cut inside of the task's id", submits: 3, wanted: UNKNOWN },
  {
    fault: "abort",
    what: "answered after 300 ms, aborted after 10",
    submits: 3,
    wanted: { posts: 1, endings: ["AbortError, accepted"] },
  },
];

/** After so many ms idle connections meet what "stale", "blocked" and "idle-408" name; the program submits around then. */
export const IDLE_MS = 120;
/** An answer that takes so long, and an abort that comes before it. */
export const SLOW_MS = 300;
export const ABORT_MS = 10;
/** An aborted submit settles within so many ms. */
export const SETTLED_MS = 20;

/** How long the program waits after its GET: all around the moment, and mostly at it. */
export const idleFor = (index: number): number => {
  const spread = index % 2 === 0 ? 1 : 11; // ±9 ms, ±99 ms
  return IDLE_MS + spread * ((Math.floor(index / 2) % 19) - 9);
};

type FaultsByKind = { readonly [kind in Kind]?: readonly Fault[] };
const everywhere = (fault: Fault): FaultsByKind => ({ node: [fault], bun: [fault], deno: [fault], workerd: [fault] });

/** For each mutant of the sources the faults that show it. */
export const seenBy: { readonly [mutant: string]: FaultsByKind } = {
  pool: { node: ["reset-reused", "stale", "blocked"], bun: ["reset-reused"], deno: ["reset-reused"] },
  follow: everywhere("307"),
  signal: everywhere("abort"),
  resend: everywhere("reset"),
};
