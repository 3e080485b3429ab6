// A server without a library between it and the socket: it knows exactly which requests were read, on which connection.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { IDLE_MS, SLOW_MS, type Fault } from "./cases.ts";

export type Raw = {
  port: number;
  /** Paid requests that were read to their end, and those of them on a connection that had carried another before. */
  posts(): number;
  reused(): number;
  /** From now on it listens, if it did not. */
  open(): void;
  close(): Promise<void>;
};

const GONE_MS = 300;
const JSON_TYPE = "content-type: application/json";

export async function startRaw(fault: Fault): Promise<Raw> {
  const sockets = new Set<Socket>();
  let posts = 0;
  let reused = 0;

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    let before = 0;
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += String(chunk);
      for (let read = request(text); read; read = request(text)) {
        const body = text.slice(0, read.length);
        text = text.slice(read.length);
        before++;
        if (read.method === "POST") {
          posts++;
          if (before > 1) reused++;
          answerPost(socket, before > 1, body);
        } else answerGet(socket);
      }
    });
  });

  const misdirected = new Set<string>();
  function answerPost(socket: Socket, isReused: boolean, body: string): void {
    const accept = () => send(socket, 200, accepted(`task_${String(posts).padStart(8, "0")}`));
    switch (fault) {
      case "reset-reused":
        return isReused ? void socket.resetAndDestroy() : accept();
      case "reset":
        return void socket.resetAndDestroy();
      case "fin":
        return void socket.end();
      case "listener-gone":
        socket.resetAndDestroy();
        server.close();
        setTimeout(listen, GONE_MS);
        return;
      case "302":
      case "307":
        return send(socket, Number(fault), "", "location: /elsewhere/generateTask/kling-2-6");
      case "421": {
        const isFirst = !misdirected.has(body);
        misdirected.add(body);
        return isFirst ? send(socket, 421, "") : accept();
      }
      case "no-answer":
        return;
      case "cut-id": {
        const body = accepted("task_00000001");
        socket.write(head(200, body.length, JSON_TYPE) + body.slice(0, body.indexOf("task_0") + 8));
        return void socket.end();
      }
      case "abort":
        return void setTimeout(accept, SLOW_MS);
      default:
        return accept();
    }
  }

  function answerGet(socket: Socket): void {
    send(socket, 200, JSON.stringify({ code: 200, message: "success", data: 12.5 }));
    if (fault === "stale") setTimeout(() => socket.destroy(), IDLE_MS);
    if (fault === "idle-408") setTimeout(() => socket.end(head(408, 0, "connection: close")), IDLE_MS);
  }

  let port = 0;
  let closed = false;
  const listen = () => void (closed || server.listening || server.listen(port, "127.0.0.1"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  if (fault === "refused") await new Promise((resolve) => server.close(resolve));
  return {
    port,
    posts: () => posts,
    reused: () => reused,
    open: listen,
    close: () =>
      new Promise((resolve) => {
        closed = true;
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** The first whole request in a text. */
function request(text: string): { method: string; length: number } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const top = text.slice(0, end);
  const length = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(top)?.[1] ?? 0);
  return text.length < length ? undefined : { method: top.slice(0, top.indexOf(" ")), length };
}

const accepted = (taskId: string): string => JSON.stringify({ code: 200, message: "success", data: { taskId } });

const head = (status: number, length: number, header = ""): string =>
  `HTTP/1.1 ${status} Status\r\ncontent-length: ${length}\r\n${header && `${header}\r\n`}\r\n`;

const send = (socket: Socket, status: number, body: string, header = JSON_TYPE): void =>
  void socket.write(head(status, body.length, header) + body);
