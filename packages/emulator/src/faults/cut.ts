// Where an answer's body breaks off.
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
