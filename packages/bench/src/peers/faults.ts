// What goes wrong between a client and a vendor, at the request that is paid for and at the questions after it.
import type { Answer } from "./dialect.ts";

type Post = { accept(): Promise<Answer>; error(status: number, message: string): Answer };
export type PostFault = { readonly name: string; answer(post: Post): Promise<Answer> };

const HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
const nothing: Answer = { status: 200, body: "" };

/** Happen to the first paid request only; whatever comes after it is taken. */
export const postFaults: readonly PostFault[] = [
  { name: "reset before it was taken", answer: async () => ({ ...nothing, manner: "reset" }) },
  { name: "taken, then reset", answer: async ({ accept }) => ({ ...(await accept()), manner: "reset" }) },
  {
    name: "taken, then 500",
    answer: async ({ accept, error }) => (await accept(), error(500, "internal error")),
  },
  {
    name: "taken, then a gateway's 502 page",
    answer: async ({ accept }) => (await accept(), { status: 502, type: "text/html", body: HTML }),
  },
  {
    name: "taken, then 503 with Retry-After",
    answer: async ({ accept, error }) => (
      await accept(),
      { ...error(503, "overloaded"), headers: { "retry-after": "1" } }
    ),
  },
  {
    name: "taken, then silence for a minute",
    answer: async ({ accept }) => ({ ...(await accept()), manner: "silent" }),
  },
  { name: "taken, the answer cut in half", answer: async ({ accept }) => ({ ...(await accept()), manner: "cut" }) },
];

type Poll = { answer(): Answer; strange(): Answer; error(status: number, message: string): Answer };
export type PollFault = { readonly name: string; answer(poll: Poll): Answer };

export const pollFaults: readonly PollFault[] = [
  { name: "404", answer: ({ error }) => error(404, "no such task") },
  { name: "429", answer: ({ error }) => ({ ...error(429, "too many requests"), headers: { "retry-after": "1" } }) },
  { name: "500", answer: ({ error }) => error(500, "internal error") },
  { name: "502 page", answer: () => ({ status: 502, type: "text/html", body: HTML }) },
  { name: "reset", answer: ({ answer }) => ({ ...answer(), manner: "reset" }) },
  { name: "cut body", answer: ({ answer }) => ({ ...answer(), manner: "cut" }) },
  { name: "empty 200", answer: () => nothing },
  { name: "malformed JSON", answer: ({ answer }) => ({ ...answer(), body: answer().body.slice(0, -1) }) },
  { name: "unknown state", answer: ({ strange }) => strange() },
];

/** How long a silent vendor keeps a connection, in ms. */
export const SILENCE = 60_000;
