import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export type Served = { url: string; port: number; sockets: Set<Socket>; close(): Promise<void> };

/** A real server on a free port of 127.0.0.1; `sockets` are the connections that are open. */
export async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}
