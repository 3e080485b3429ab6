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
