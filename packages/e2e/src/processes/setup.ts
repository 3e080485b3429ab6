// A process with something in it, and what its set-ups share.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProxyDeed } from "./proxy.ts";
import type { Outcome } from "./vendor.ts";

/**
 * - `direct`: by `node:http`, so that it is always known whether the request was written.
 * - `global`: by the `fetch` that the process has put in place, or past its dispatcher: no error proves anything.
 * - `custom`: by the client's `fetch`, whose errors prove what they say of the vendor's address.
 * - `foreign`: by a `fetch` that is not the runtime's and has errors of its own, which prove nothing.
 * - `retry`: by a dispatcher that sends again by itself.
 * - `mock`: by what answers in the process: the vendor reads nothing.
 * - `refusing`: by a dispatcher that does not take the request.
 */
export type Way = "direct" | "global" | "custom" | "foreign" | "retry" | "mock" | "refusing";

/** What a process is told. */
export type Given = {
  /** Where nobody listens. */
  closedUrl: string;
  /** Where everything is answered with 200. */
  logUrl: string;
  /** The proxy's, when the set-up has one. */
  proxyUrl: string;
  /** A finished video, at another host than the vendor's, which only the process's own ways lead to. */
  videoUrl: string;
  /** Where to save it. */
  folder: string;
  /** The vendors' certificate authority. */
  ca: string;
  /** The folder that holds msw, nock and node-fetch. */
  libraries: string;
};

export type Setup = {
  name: string;
  way: Way | ((node: number) => Way);
  /** What the vendor may do here; all, unless told. */
  outcomes?: readonly Outcome[];
  /** Where the way alone does not say how a submit ends: that, and how many paid requests the vendor reads. */
  wanted?: Wanted;
  /** No read comes through, either. */
  isCutOff?: true;
  tls?: true;
  /** `saveVideo` reaches the result host as it is reached from here, by a proxy, a `lookup` or a CA of the program's. */
  saves?: true;
  /** The name under which the vendor is known. */
  host?: string;
  proxy?: ProxyDeed;
  tlsProxy?: true;
  env?: (given: Given) => { [variable: string]: string };
  args?: readonly string[];
  inWorker?: true;
  /** It is stopped for so long, past the client's `requestTimeout`, just after the paid request has been made, before its connection stands. */
  stopMs?: number;
  /** Only in the long suite: it takes long, or needs libraries that only that one installs. */
  isLong?: true;
  runsOn?: (node: number) => boolean;
  /** Prepares the process. @returns the client's `fetch`, when it is given one */
  prepare?: (given: Given) => Prepared | Promise<Prepared>;
};
type Prepared = typeof fetch | undefined | void;

export type Wanted = { ending: string; posts: number };

export const load = async <T>({ libraries }: Given, file: string): Promise<T> =>
  (await import(pathToFileURL(join(libraries, "node_modules", file)).href)) as T;

// Not by `import`, which touches every name in it, WebSocket too, and so puts Node's dispatcher in place.
export const http = process.getBuiltinModule("node:http");
export const own = globalThis.fetch;
const text = (body: unknown) => (typeof body === "string" ? body : Buffer.from(body as Uint8Array));

/** Of a mock, to everything. */
export const ANSWER = { code: 200, data: { taskId: "task_12345678", state: "processing" } };

/** A `fetch` as small as a program may write one. */
export const overHttp = (url: unknown, init: RequestInit = {}): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { method = "GET", headers, body } = init;
    const request = http.request(String(url), { method, headers: headers as Record<string, string>, agent: false });
    request.on("response", async (answer) => {
      const { statusCode = 0 } = answer;
      const type = answer.headers["content-type"] ?? "";
      resolve(
        new Response(Buffer.concat(await answer.toArray()), { status: statusCode, headers: { "content-type": type } }),
      );
    });
    request.on("error", reject).end(body ? text(body) : undefined);
  });

export const lostMetrics = ({ closedUrl }: Given) => {
  setInterval(() => void own(closedUrl, { method: "POST", body: "1" }).catch(() => {}), 5).unref();
};

export const NOT_SENT: Wanted = { ending: "ConnectionError no", posts: 0 };
export function cutOff(wanted: Wanted): Partial<Setup> {
  return { outcomes: ["accepted"], isCutOff: true, wanted };
}
