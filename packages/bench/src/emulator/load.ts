// Requests over kept-alive connections, as fast as a server answers. Bytes to a socket: any client costs more than what is
// measured.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Ready } from "./server.ts";

/** Sends the same request, so many at a time, while `goesOn` says so. Gives how many were answered. */
export async function load(
  { url, headers }: Ready,
  atOnce: number,
  goesOn: (answered: number) => boolean,
): Promise<number> {
  const { host, hostname, port, pathname, search } = new URL(url);
  const lines = [`GET ${pathname}${search} HTTP/1.1`, `host: ${host}`, "accept: application/json"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const request = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  let answered = 0;
  const one = async () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    await askOn(socket, request, () => goesOn(++answered));
    socket.destroy();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return answered;
}

/** Asks again with each answer until that says no. All answers have the length of the first. */
const askOn = (socket: Socket, request: Buffer, onAnswer: () => boolean) =>
  new Promise<void>((resolve, reject) => {
    let size = 0;
    let begun: Buffer | undefined;
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed a connection")));
    socket.on("data", (chunk: Buffer) => {
      const bytes: Buffer = begun ? Buffer.concat([begun, chunk]) : chunk;
      if (size === 0) size = sizeOf(bytes);
      begun = size === 0 || bytes.length < size ? bytes : undefined;
      if (begun) return;
      if (bytes.length > size || !isGood(bytes)) return reject(new Error(`not what was asked for:\n${String(bytes)}`));
      if (onAnswer()) socket.write(request);
      else resolve();
    });
    socket.write(request);
  });

/** Of an answer with its head, once that is there. */
function sizeOf(bytes: Buffer): number {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return 0;
  const length = /^content-length: (\d+)$/im.exec(bytes.toString("latin1", 0, end))?.[1];
  if (length === undefined) throw new Error("an answer without a length");
  return end + 4 + Number(length);
}

const GOOD = Buffer.from("HTTP/1.1 200 OK\r\n");
const isGood = (bytes: Buffer): boolean => bytes.compare(GOOD, 0, GOOD.length, 0, GOOD.length) === 0;
