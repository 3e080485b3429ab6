// Sends one callback: to the function that the option `deliverCallback` names, or to a receiver on this machine. Nothing ever
// leaves it, whatever address a submit names.
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isLoopback } from "../network/hosts.ts";

export interface Message {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export type Deliver = (request: Request) => Promise<Response>;

/** The HTTP status that the receiver answered with. */
export type Post = (message: Message, signal: AbortSignal) => Promise<number>;

/** Why a message cannot be sent. */
export const undeliverable = (url: string, deliver: Deliver | undefined): string | undefined =>
  deliver || isLoopback(new URL(url).hostname)
    ? undefined
    : 'undeliverable: not on loopback, and no option "deliverCallback" takes it';

export const createPost =
  (deliver: Deliver | undefined): Post =>
  (message, signal) =>
    deliver ? inProcess(deliver, message, signal) : overHttp(message, signal);

async function inProcess(deliver: Deliver, { url, headers, body }: Message, signal: AbortSignal): Promise<number> {
  const response: unknown = await deliver(new Request(url, { method: "POST", headers, body, signal }));
  if (!(response instanceof Response) && typeof (response as Response | undefined)?.status !== "number")
    throw new TypeError("deliver gave no Response");
  const { status, body: answer } = response as Response;
  if (answer && !answer.locked) await answer.cancel();
  return status;
}

/** A name is not looked up: "localhost" is always this machine. */
const lookup: LookupFunction = (_host, { all }, callback) => {
  const [ipv4, ipv6] = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (all) callback(null, [ipv4, ipv6]);
  else callback(null, ipv4.address, ipv4.family);
};

/** A fresh connection, no redirect, no proxy. */
function overHttp({ url, headers, body }: Message, signal: AbortSignal): Promise<number> {
  const { protocol, host, hostname } = new URL(url);
  const bytes = Buffer.from(body);
  const options = {
    method: "POST",
    headers: { ...headers, host, "content-length": bytes.byteLength },
    agent: false,
    signal,
    ...(isIP(hostname.replace(/^\[|\]$/g, "")) === 0 && { hostname: "localhost", servername: hostname, lookup }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = (protocol === "https:" ? httpsRequest : httpRequest)(url, options, (incoming) => {
      incoming.once("close", () => resolve(incoming.statusCode ?? 0)); // read, broken off or out of time
      incoming.on("error", () => {});
      incoming.resume();
    });
    outgoing.once("error", reject);
    outgoing.end(bytes);
  });
}
