// Path and query of a request.

export interface Address {
  pathname: string;
  /** With its question mark; "" without a query. */
  search: string;
  /** Both. */
  path: string;
}

/** What a parser of URLs might change. */
const UNUSUAL = /[^\w/?&=.,:;~!$()*+@%-]|\/\.|%2e|\?$/i;

/**
 * @param url as a `Request` has it.
 * @param sent the path and query of it, where the transport has them: then nothing usual is parsed.
 */
export function addressOf(url: string, sent = ""): Address {
  if (!sent.startsWith("/") || UNUSUAL.test(sent)) {
    const { pathname, search } = new URL(url);
    return { pathname, search, path: pathname + search };
  }
  const query = sent.indexOf("?");
  if (query < 0) return { pathname: sent, search: "", path: sent };
  return { pathname: sent.slice(0, query), search: sent.slice(query), path: sent };
}
