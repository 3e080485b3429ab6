// A vendor that does one thing to every paid request, and counts them.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Certificate } from "./certificate.ts";

export const outcomes = ["accepted", "refused", "100", "103", "421", "reset", "gone", "closed"] as const;
/**
 * What becomes of a paid request: `100` and `103` come before it is accepted, `gone` is a reset after which nobody
 * listens any more, `closed` has no listener at all.
 */
export type Outcome = (typeof outcomes)[number];

export type Vendor = {
  /** By its address. */
  url: string;
  port: number;
  /** Paid requests that were read whole. */
  posts: number;
  /** Of those, how many were written by core itself. */
  direct: number;
  close(): Promise<void>;
};

const TASK = JSON.stringify({ code: 200, message: "success", data: { taskId: "task_12345678", state: "processing" } });
const NO_CREDITS = JSON.stringify({ code: 402, message: "Insufficient credits" });

export async function startVendor(outcome: Outcome, certificate?: Certificate): Promise<Vendor> {
  const answer: RequestListener = (request, response) =>
    void request.resume().on("end", () => onRead(request, response));
  const server = certificate ? createTlsServer(certificate, answer) : createServer(answer);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  const vendor: Vendor = {
    url: `${certificate ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    posts: 0,
    direct: 0,
    close,
  };
  if (outcome === "closed") await close();

  /** The connection beneath TLS. */
  function reset({ socket: { remotePort } }: IncomingMessage): void {
    for (const socket of sockets) if (socket.remotePort === remotePort) socket.resetAndDestroy();
  }

  function onRead(request: IncomingMessage, response: ServerResponse): void {
    // Another process may still send metrics to a port that was closed, and is this vendor's now.
    if (request.url?.startsWith("/api/v1/") !== true) return void response.writeHead(404).end();
    if (request.method === "POST") {
      vendor.posts++;
      if (request.headers["user-agent"] === "vidtask") vendor.direct++;
      if (outcome === "reset" || outcome === "gone") {
        if (outcome === "gone") server.close();
        return reset(request);
      }
      if (outcome === "100") response.writeContinue();
      if (outcome === "103") response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    }
    const status = request.method !== "POST" ? 200 : outcome === "refused" ? 402 : outcome === "421" ? 421 : 200;
    const body = status === 402 ? NO_CREDITS : status === 421 ? "{}" : TASK;
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  }

  return vendor;
}
