// Where bytes may be fetched from and put: https at public addresses, and the very host the user pointed the client at.

/** True for a URL that a vendor names and that may be visited without reaching into a private network. */
export function isAllowedHost(url: URL, base: URL): boolean {
  // Plain http and private hosts only where the user pointed the client himself (an emulator on loopback).
  if (url.host === base.host && url.protocol === base.protocol) return true;
  return url.protocol === "https:" && !url.username && !isPrivateHost(url.hostname);
}

function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "").toLowerCase();
  if (name.startsWith("[") || /(^|\.)(localhost|local|internal)$/.test(name)) return true;
  return /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|22[4-9]|2[3-5]\d)\./.test(
    name,
  );
}
