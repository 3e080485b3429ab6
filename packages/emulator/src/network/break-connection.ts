// What a fault does to a connection.
import type { ServerResponse } from "node:http";
import type { Reply } from "./reply.ts";

type Broken = Exclude<Reply, { how: "whole" }>;

/** @param hangUps collects functions that end connections which would stay open. */
export async function breakConnection(
  reply: Broken,
  outgoing: ServerResponse,
  hangUps: Set<() => void>,
): Promise<void> {
  const { socket } = outgoing;
  if (!socket) return; // the caller has already gone
  switch (reply.how) {
    case "reset":
    case "gone":
      socket.resetAndDestroy();
      return;
    case "close":
      socket.destroySoon();
      return;
    case "silence": {
      const hangUp = () => socket.resetAndDestroy();
      hangUps.add(hangUp);
      socket.once("close", () => hangUps.delete(hangUp));
      return;
    }
    case "cut": {
      const { status, headers } = reply.response;
      const sent = (await reply.response.bytes()).subarray(0, reply.bytes);
      // With neither a length nor chunks, the end of the connection is the end of the body.
      if (!reply.declared) outgoing.useChunkedEncodingByDefault = false;
      outgoing.writeHead(status, Object.fromEntries(headers));
      if (!reply.declared) outgoing.end(sent);
      else if (sent.byteLength > 0) outgoing.write(sent, () => socket.destroySoon());
      else {
        outgoing.flushHeaders();
        setImmediate(() => socket.destroySoon());
      }
    }
  }
}
