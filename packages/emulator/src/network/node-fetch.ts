// What Node's `fetch` does by itself: it follows redirects, and sends a request again after a 421.

const MOST = 20;

export async function followed(first: Request, send: (request: Request) => Promise<Response>): Promise<Response> {
  let request = first;
  let resent = false;
  for (let hops = 0; ;) {
    const spare = request.body ? request.clone() : request;
    const response = await send(request);
    const { status } = response;
    const location = response.headers.get("location");
    if (status === 421 && !resent) {
      resent = true;
      request = spare;
    } else if (![301, 302, 303, 307, 308].includes(status) || first.redirect === "manual") {
      return response;
    } else if (first.redirect === "error") {
      await response.body?.cancel();
      throw badRedirect("unexpected redirect");
    } else if (location === null) {
      return response;
    } else {
      if (++hops > MOST) throw badRedirect("redirect count exceeded");
      request = next(spare, status, new URL(location, request.url));
    }
    await response.body?.cancel();
  }
}

/** A POST becomes a GET by 301 and 302, and everything by 303; the rest is sent again as it was. */
function next(request: Request, status: number, url: URL): Request {
  const { method, signal } = request;
  const headers = new Headers(request.headers);
  if (url.origin !== new URL(request.url).origin) headers.delete("authorization");
  const toGet = status === 303 ? method !== "HEAD" : status <= 302 && method === "POST";
  if (!toGet) return new Request(url, { method, headers, signal, body: request.body, duplex: "half" } as RequestInit);
  for (const name of ["content-type", "content-length"]) headers.delete(name);
  return new Request(url, { method: "GET", headers, signal });
}

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

/** For a redirect that must not be followed, or one too many. */
export const badRedirect = (message: string): TypeError => new TypeError("fetch failed", { cause: new Error(message) });
