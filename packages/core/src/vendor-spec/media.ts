// Pictures and videos as a request holds them: a URL to pass on, or bytes to upload first.
import * as z from "zod/mini";

/** A picture or video: a URL, a `data:` URL or a Blob. The last two need an `upload` unless the vendor has one. */
export type Media = string | URL | Blob;

/** The words of a request that hold media. */
export const MEDIA_WORDS = ["image", "endImage", "motionVideo"] as const;

/** A schema for `Media`: an http(s) or `data:` URL as string or URL, or a Blob. */
export const media = (): z.ZodMiniType<Media, Media> =>
  z.custom<Media>(isMedia, { error: "an http(s) URL, a data: URL or a Blob", abort: false });

/** True for media whose bytes are here and have to be uploaded: a Blob or a `data:` URL. */
export const isFile = (value: unknown): value is Media =>
  value instanceof Blob || ((typeof value === "string" || value instanceof URL) && /^data:/i.test(String(value)));

function isMedia(value: unknown): boolean {
  if (value instanceof Blob) return true;
  if (typeof value !== "string" && !(value instanceof URL)) return false;
  const text = String(value);
  if (/^data:/i.test(text)) return isDecodable(text);
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isDecodable(dataUrl: string): boolean {
  try {
    return dataBlob(dataUrl).size > 0;
  } catch {
    return false;
  }
}

const DATA_URL = /^data:([^,]*),(.*)$/is;

/** The bytes of a `data:` URL with its type. @throws Error when it is not one, or cannot be decoded */
export function dataBlob(url: string): Blob {
  const [, head, data] = DATA_URL.exec(url) ?? [];
  if (head === undefined || data === undefined) throw new TypeError("a data: URL has a comma before its data");
  const type = head.replace(/;base64$/i, "");
  const text = decodeURIComponent(data);
  if (!/;base64$/i.test(head)) return new Blob([text], { type });
  return new Blob([Uint8Array.from(atob(text), (char) => char.charCodeAt(0))], { type });
}
