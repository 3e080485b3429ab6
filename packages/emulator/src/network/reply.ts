// How an answer leaves: whole, or spoiled as networks do. Both transports play each of these.

export type Reply =
  | { how: "whole"; response: Response }
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
}

export type Handle = (request: Request, connection: Connection) => Promise<Reply>;
