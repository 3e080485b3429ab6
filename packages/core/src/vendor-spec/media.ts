// Pictures and videos as a request holds them: a URL to pass on, or bytes to upload first.
import * as z from "zod/mini";

/** A picture or video: a URL, a `data:` URL or a Blob. The last two need an `upload` unless the vendor has one. */
export type Media = string | URL | Blob;

/** A schema for `Media`: an http(s) or `data:` URL as string or URL, or a Blob. */
export const media = (): z.ZodMiniType<Media, Media> =>
  z.custom<Media>(isMedia, { error: "an http(s) URL, a data: URL or a Blob", abort: false });

/** As `media`, for vendors that take bytes only: a `data:` URL or a Blob. */
export const file = (): z.ZodMiniType<Media, Media> =>
  z.custom<Media>(isMediaFile, { error: "a data: URL or a Blob", abort: false });

/** True for a schema that `media` or `file` made, whatever was added to it. */
export function isMediaSchema({ _zod: { def } }: z.core.$ZodType): boolean {
  const { fn } = def as { fn?: unknown };
  return fn === isMedia || fn === isMediaFile;
}

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

const isMediaFile = (value: unknown): boolean => isFile(value) && isMedia(value);

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

/** The bytes as a `data:` URL in base64. */
export async function dataUrl(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `data:${file.type || "application/octet-stream"};base64,${btoa(text)}`;
}

/** The base64 of a `data:` URL, for vendors that want it bare, and its media type; nothing for any other URL. */
export function base64Of(media: unknown): { data: string; type: string } | undefined {
  const [, type, data] = /^data:([^;,]*)[^,]*;base64,(.*)$/is.exec(String(media)) ?? [];
  return type === undefined || data === undefined ? undefined : { data, type };
}
