// Files inside of URLs.

/** As a URL is read: with blanks and control characters before it. */
export const isDataUrl = (text: string): boolean => /^[\0-\x20]*data:/i.test(text);

/** The bytes of a `data:` URL with its type; `undefined` if it cannot be decoded. */
export function dataBlob(url: string): Blob | undefined {
  const comma = url.indexOf(",");
  if (comma < 0) return undefined;
  const head = url.slice(url.indexOf(":") + 1, comma);
  const type = head.replace(/;\s*base64\s*$/i, "");
  const escaped = url.slice(comma + 1);
  try {
    const text = escaped.includes("%") ? decodeURIComponent(escaped) : escaped;
    return new Blob([type === head ? text : bytesOf(atob(text))], { type });
  } catch {
    return undefined;
  }
}

// A loop: for 20 MB, `Uint8Array.from` with a function takes seconds.
function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** The base64 of a `data:` URL without the prefix, for vendors that want it so, and its media type; `undefined` for any other URL. */
export function base64Of(media: unknown): { data: string; type: string } | undefined {
  const [, type, data] = /^data:([^;,]*)[^,]*;base64,(.*)$/is.exec(String(media)) ?? [];
  return type === undefined || data === undefined ? undefined : { data, type };
}
