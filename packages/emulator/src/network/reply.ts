// How an answer leaves: whole, or spoiled as networks do. Both transports play each of these.

/** Names and values by turns. */
export type RawHeaders = readonly string[];

/** An answer whose text is known: nobody has to read it out of a stream, to log it or to send it. */
export interface TextAnswer {
  status: number;
  headers: RawHeaders;
  text: string;
}

export const isText = (answer: Response | TextAnswer): answer is TextAnswer => typeof answer.text === "string";

export const responseOf = (answer: Response | TextAnswer): Response =>
  isText(answer) ? new Response(answer.text, initOf(answer)) : answer;

/** All of it but its body. */
export function initOf(answer: Response | TextAnswer): ResponseInit {
  const { status } = answer;
  if (isText(answer)) return { status, headers: headersOf(answer.headers) };
  return { status, statusText: answer.statusText, headers: answer.headers };
}

function headersOf(raw: RawHeaders): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at] ?? "", raw[at + 1] ?? "");
  return headers;
}

export type Reply =
  | { how: "whole"; response: Response | TextAnswer }
  /** Only the first bytes of the body; `declared`: its whole length was announced, so that HTTP sees the cut. */
  | { how: "cut"; response: Response; bytes: number; declared: boolean }
  /**
   * Nothing comes. The connection is reset (RST), closed (FIN), left open, or reset while the port is closed for
   * `GONE` milliseconds.
   */
  | { how: "reset" | "close" | "silence" | "gone" };

/** Real milliseconds for which the port is closed after a "gone". */
export const GONE = 100;

export interface Connection {
  /** It has carried a request before. Never so in process. */
  reused: boolean;
  /** Where the caller reached the emulator: origin and, of a scope, its base path. The URLs it is given begin so. */
  base: string;
  /** Path and query of the request as they came, where the transport has them apart. */
  path?: string;
  /** The request's headers as they came, where the transport has them so: `Headers` cost more. */
  rawHeaders?: RawHeaders;
}

export type Handle = (request: Request, connection: Connection) => Reply | PromiseLike<Reply>;
