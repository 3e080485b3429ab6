// A proxy for `CONNECT` and for plain http, which works, refuses, or does something worse.
import { createServer, request as send, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Certificate } from "./certificate.ts";

export type ProxyDeed = "works" | "403" | "407" | "502" | "reset" | "hangs" | "absent";

export type Proxy = { url: string; tunnels: number; close(): Promise<void> };

export async function startProxy(deed: ProxyDeed, certificate?: Certificate): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const forward: RequestListener = (request, response) => {
    if (deed === "hangs") return;
    if (deed === "reset") return void request.socket.resetAndDestroy();
    if (deed !== "works") return void response.writeHead(Number(deed)).end();
    const { method, headers, url = "" } = request;
    const onward = send(url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  };
  const server = certificate ? createTlsServer(certificate, forward) : createServer(forward);
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => {})));
  server.on("connect", ({ url = "" }, socket: Socket) => {
    proxy.tunnels++;
    if (deed === "hangs") return;
    if (deed === "reset") return void socket.resetAndDestroy();
    if (deed !== "works") return void socket.end(`HTTP/1.1 ${deed} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(Number(url.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.end("HTTP/1.1 502 No\r\n\r\n")).on("close", () => socket.destroy());
    socket.on("close", () => onward.destroy());
    sockets.add(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  const proxy: Proxy = {
    url: certificate ? `https://user:secret@localhost:${port}` : `http://user:secret@127.0.0.1:${port}`,
    tunnels: 0,
    close,
  };
  if (deed === "absent") await close();
  return proxy;
}
