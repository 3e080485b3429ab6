// What the tests of the control API share: calls as another program makes them, with any header, a false Host included.
import { request as httpRequest } from "node:http";

export interface Called {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  body: Record<string, unknown>;
}

export function call(
  { url }: { url: string },
  path: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Called> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url + path, { method, headers, agent: false }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => {
        const isJson = String(incoming.headers["content-type"]).includes("json");
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Calls that have the token. */
export function control(server: { url: string; token: string }, prefix = "") {
  const at = (path: string) => `${prefix}/_emulator${path}`;
  const headers = { authorization: `Bearer ${server.token}`, "content-type": "application/json" };
  const change = (method: string) => (path: string, body?: object) =>
    call(server, at(path), { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return { get: (path: string) => call(server, at(path)), post: change("POST"), del: change("DELETE") };
}
