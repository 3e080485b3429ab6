// A network between a client and a server of this machine, that can fall silent and lead to another server.
import { connect, createServer, type Socket } from "node:net";

export type Proxy = {
  port: number;
  /** Whether what is sent arrives. What was sent meanwhile is not lost: it arrives late, as by TCP it does. */
  isSilent: boolean;
  /** Where new connections lead. */
  to: number;
  /** Breaks the connections that there are. */
  cut(): void;
  close(): Promise<void>;
};

export async function startProxy(to: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  const pass = () => {
    for (const socket of sockets)
      if (isSilent) socket.pause();
      else socket.resume();
  };
  const server = createServer((client) => {
    const upstream = connect(proxy.to, "127.0.0.1");
    for (const [from, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => other.write(bytes));
      from.on("error", () => {});
      from.on("close", () => (sockets.delete(from), other.destroy()));
    }
    pass();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: Proxy = {
    port: (server.address() as { port: number }).port,
    to,
    get isSilent() {
      return isSilent;
    },
    set isSilent(now) {
      isSilent = now;
      pass();
    },
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
