// What a vendor's wire protocol is to the bench.

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};
/** `manner` is what happens to the answer on its way. */
export type Answer = {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly manner?: "reset" | "cut" | "silent";
};

/** What a request wants. A `result` is a question whose answer is the video; some dialects need one after the last poll. */
export type Wanted = { kind: "submit"; holdMs?: number } | { kind: "poll" | "result" | "cancel"; id: string };
export type State = "running" | "done" | "strange";

/** A vendor's wire protocol, as its pages and its client's types have it. */
export type Dialect = {
  wants(asked: Asked): Wanted | undefined;
  /** The answer to a paid request; `state` is other than running where the dialect lets a request wait for the end. */
  accepted(id: string, state: State, baseUrl: string): unknown;
  status(id: string, state: State, about: { baseUrl: string; createdAt: number; endsAt: number }): unknown;
  /** The answer to a question for the result; the status, where the dialect knows only one question. */
  result?(id: string, state: State, baseUrl: string): { status: number; body: unknown };
  /** What an error's body looks like. */
  error(status: number, message: string): unknown;
};
