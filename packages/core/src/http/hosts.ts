// Where bytes may be fetched from and put: https at public addresses, and the host of `baseUrl`.
import { isPublicHost } from "./public-hosts.ts";

/** The system code of a connection that was not made because its name leads into a private network. */
export const PRIVATE_ADDRESS = "ERR_PRIVATE_ADDRESS";

/** No host's name is longer; a stranger's text may be. */
const MAX_NAME = 255;

/** True for a URL that a vendor names and that may be visited without reaching into a private network. */
export function isAllowedHost(url: URL, base: URL): boolean {
  if (url.username || url.password || url.hostname.length > MAX_NAME) return false;
  return isOwnHost(url, base) || (url.protocol === "https:" && isPublicHost(url.hostname));
}

/** Plain http and private hosts are allowed only at `baseUrl`: an emulator on loopback or in a container. */
export const isOwnHost = (url: URL, base: URL): boolean =>
  url.protocol === base.protocol && nameOf(url) === nameOf(base) && url.port === base.port;

const nameOf = ({ hostname }: URL): string => hostname.replace(/\.+$/, "").toLowerCase();
