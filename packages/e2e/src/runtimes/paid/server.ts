// A server without a library between it and the socket: it knows exactly which requests were read, on which connection.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { IDLE_MS, SLOW_MS, type Fault } from "./cases.ts";

/** A paid request that was read to its end. */
export type Post = {
  /** It came on a connection that had carried another request. */
  isReused: boolean;
  /** Another connection, on which a GET was answered, was still open. */
  isBesideKept: boolean;
};

export type Raw = { port: number; posts: readonly Post[]; close(): Promise<void> };

const GONE_MS = 300;
const REFUSED_MS = 400;
const JSON_TYPE = "content-type: application/json";

export async function startRaw(fault: Fault): Promise<Raw> {
  const sockets = new Set<Socket>();
  const kept = new Set<Socket>();
  const posts: Post[] = [];

  const server = createServer((socket) => {
    sockets.add(socket);
    const forget = () => void (sockets.delete(socket), kept.delete(socket));
    socket.on("close", forget).on("end", forget).on("error", forget);
    let before = 0;
    let text = "";
    let idle: ReturnType<typeof setTimeout> | undefined;
    socket.setEncoding("latin1").on("data", (chunk) => {
      clearTimeout(idle);
      text += String(chunk);
      for (let read = request(text); read; read = request(text)) {
        const whole = text.slice(0, read.length);
        text = text.slice(read.length);
        if (read.method === "POST") {
          const isReused = before > 0;
          kept.delete(socket);
          posts.push({ isReused, isBesideKept: kept.size > 0 });
          answerPost(socket, isReused, whole);
        } else {
          kept.add(socket);
          answerGet(socket);
        }
        before++;
      }
      if (text === "") idle = setTimeout(giveUp, IDLE_MS, socket);
    });
  });

  const seen = new Set<string>();
  function answerPost(socket: Socket, isReused: boolean, whole: string): void {
    const accept = () => send(socket, 200, accepted(`task_${String(posts.length).padStart(8, "0")}`));
    const body = whole.slice(whole.indexOf("\r\n\r\n"));
    const isFirst = !seen.has(body);
    seen.add(body);
    switch (fault) {
      case "reset-reused":
        return isReused ? void socket.resetAndDestroy() : accept();
      case "reset":
        return void socket.resetAndDestroy();
      case "fin":
        return void socket.end();
      case "listener-gone":
        socket.resetAndDestroy();
        return beGone(GONE_MS);
      case "302":
        return send(socket, 302, "", `location: http://127.0.0.1:${closedPortNumber}/elsewhere`);
      case "307":
        return isFirst ? send(socket, 307, "", "location: /elsewhere/generateTask/kling-2-6") : accept();
      case "421":
        return isFirst ? send(socket, 421, "") : accept();
      case "no-answer":
        return;
      case "cut-id": {
        const answer = accepted("task_00000001");
        socket.write(head(200, answer.length, JSON_TYPE) + answer.slice(0, answer.indexOf("task_0") + 8));
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
    if (fault === "refused") {
      socket.destroySoon();
      beGone(REFUSED_MS);
    }
  }

  /** What becomes of a connection that has been idle for too long. */
  function giveUp(socket: Socket): void {
    if (fault === "stale" || fault === "blocked") socket.destroy();
    if (fault === "idle-408") socket.end(head(408, 0, "connection: close"));
  }

  let closed = false;
  /** Connecting is refused for a while; connections that are open stay. */
  function beGone(ms: number): void {
    server.close();
    setTimeout(() => void (closed || server.listening || server.listen(port, "127.0.0.1")), ms);
  }

  const closedPortNumber = await closedPort();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    posts,
    close: () =>
      new Promise((resolve) => {
        closed = true;
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
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
