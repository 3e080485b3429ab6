// What a base URL may be.

/** The rule that a base URL breaks; nothing when it can be used. */
export function brokenBaseUrlRule(value: unknown): string | undefined {
  if (typeof value !== "string" || !URL.canParse(value)) return "an http(s) URL";
  const { protocol, port, username, password, search, hash } = new URL(value);
  if (!/^https?:$/.test(protocol)) return "an http(s) URL";
  if (username || password || search || hash) return "a URL without user info, query and fragment";
  return BLOCKED_PORTS.has(Number(port)) ? `on a port that fetch does not block (${port} is blocked)` : undefined;
}

/** As the paths of calls are appended to it: in the form in which it is sent, without a slash at its end. */
export function trimmedBaseUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return origin + pathname.replace(/\/+$/, "");
}

/** Whether a URL stays on this machine. */
export const isLoopback = (url: string): boolean =>
  URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

// The "bad ports" of the fetch standard: fetch refuses them before it connects.
const BLOCKED_PORTS = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);
