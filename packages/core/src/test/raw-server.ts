import { createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A server that speaks whatever a test says, on a free port of 127.0.0.1, until the test ends. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<{ port: number; url: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}` };
}

/** Calls back once a whole request has been read, with its text. */
export function onRequest(socket: Socket, answer: (request: string) => void): void {
  let text = "";
  const read = (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    const end = text.indexOf("\r\n\r\n");
    if (end < 0 || text.length < end + 4 + Number(length ?? 0)) return;
    socket.off("data", read);
    answer(text);
  };
  socket.on("data", read);
}
