// What Node's `fetch` throws when a connection fails.

/** The error of undici under it. */
const socketError = () =>
  Object.assign(new Error("other side closed"), { name: "SocketError", code: "UND_ERR_SOCKET" });

export const reset = (): TypeError =>
  new TypeError("fetch failed", {
    cause: Object.assign(new Error("read ECONNRESET"), { errno: -104, code: "ECONNRESET", syscall: "read" }),
  });

export const closed = (): TypeError => new TypeError("fetch failed", { cause: socketError() });

/** In the middle of a body. */
export const terminated = (): TypeError => new TypeError("terminated", { cause: socketError() });

/** Of a redirect that was not to be followed, or not any more. */
export const badRedirect = (message: string): TypeError => new TypeError("fetch failed", { cause: new Error(message) });
