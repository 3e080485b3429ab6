// What can be said of a picture or video whose address a request names. Nothing is ever fetched.
import type { AspectRatio } from "../video.ts";

/** assumed, of every vendor: a result has the picture's own ratio; as no picture is read, one has to be chosen. */
export const PICTURE_ASPECT_RATIO: AspectRatio = "16:9";

/** False for what is no web address, or has a host that by RFC 6761 never exists. */
export function isAccessible(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && !/\.invalid\.?$/.test(url.hostname);
}
