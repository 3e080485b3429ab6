import type { Answer } from "../http/answer.ts";

/** A paid request, complete: nothing is computed between the journal's word that it is being sent and its sending. */
export type PaidPost = {
  url: string;
  /** With the credentials. */
  headers: Record<string, string>;
  body: string;
  /** Of all that makes it the same request: where it goes, what it says, and the secrets behind it. Where it may be sent again. */
  hash?: string;
  /** For the whole exchange, in ms of real time. */
  timeoutMs: number;
};

/** With all of its headers, and whether the time in which it may start has passed. */
export type Outgoing = PaidPost & { isLate: () => boolean };

/** What is known after a paid POST: an answer, the proof that it never left, or nothing. */
export type Sent = { answer: Answer } | { notSent: unknown } | { lost: unknown };
