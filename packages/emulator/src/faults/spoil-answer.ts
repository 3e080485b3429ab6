// Answers as faults leave them: broken off, of the wrong length, a page of HTML, a date, an unknown word.
import type { Reply } from "../network/reply.ts";

/** How many bytes of a body are sent, given its text and its size. */
type Cut = (text: () => string, size: number) => number;

/** Of an answer that names a new task: behind the id, or in its middle; of any other: at a share of it. */
export function cutAfter(taskId: string | undefined, at: number | "middle" | undefined): Cut {
  return (text, size) => {
    if (typeof at === "number") return Math.floor(size * at);
    const found = taskId === undefined ? -1 : text().indexOf(taskId);
    if (taskId === undefined || found === -1) return Math.floor(size / 2);
    return at === "middle" ? found + Math.ceil(taskId.length / 2) : found + taskId.length + '"'.length;
  };
}

export async function cut(response: Response, where: Cut, declared: boolean): Promise<Reply> {
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  if (declared) headers.set("content-length", String(body.byteLength));
  else headers.delete("content-length");
  const bytes = where(() => new TextDecoder("latin1").decode(body), body.byteLength);
  const { status } = response;
  // Nothing to cut, as in the answer to a HEAD.
  if (body.byteLength === 0) return { how: "whole", response: new Response(null, { status, headers }) };
  return { how: "cut", response: new Response(body, { status, headers }), bytes, declared };
}

export const whole = (response: Response): Reply => ({ how: "whole", response });

export function html(status: number, title: string, text: string): Response {
  const page = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n${text}\r\n</body>\r\n</html>\r\n`;
  return new Response(page, { status, headers: { "content-type": "text/html" } });
}

/** With the answer's own date, against which a date in `Retry-After` is read. */
export function dated(response: Response, retryAfter: number | string | undefined, now: number): Response {
  if (retryAfter === undefined) return response;
  response.headers.set("retry-after", String(retryAfter));
  response.headers.set("date", new Date(now).toUTCString());
  return response;
}

/** A state that no vendor's page names. */
export async function renamed(response: Response, stateKey: string): Promise<Response> {
  const body = JSON.stringify(await response.json(), (key, value: unknown) =>
    key === stateKey && typeof value === "string" ? "paused" : value,
  );
  return new Response(body, { status: response.status, headers: response.headers });
}

/** Bytes that are announced and that no file has. */
const EXCESS = 1024;

/** A part of a file is whole, but the file's length is given as more than there is; a whole one ends too early. */
export async function overstated(response: Response): Promise<Reply> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  const range = headers.get("content-range");
  if (range === null) headers.set("content-length", String(bytes.byteLength + EXCESS));
  else
    headers.set(
      "content-range",
      range.replace(/\d+$/, (total) => String(Number(total) + EXCESS)),
    );
  const answer = new Response(bytes, { status: response.status, headers });
  if (range !== null || bytes.byteLength === 0) return whole(answer);
  return { how: "cut", response: answer, bytes: bytes.byteLength, declared: true };
}
