// Real sockets: what left is seen where the error alone cannot tell.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { VidtaskEvent } from "../task/events.ts";
import { createAcme } from "../test/acme.ts";
import { serve } from "../test/serve.ts";
import { prepareSend, type Sent } from "./send.ts";

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
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
  return (server.address() as AddressInfo).port;
}

const post = async (url: string, timeoutMs = 5_000): Promise<Sent> => {
  const send = await prepareSend();
  return send({ url, apiKey: "k", body: "{}", timeoutMs });
};

test("a reset in the TLS handshake looks like one after reading, and yet is known not to have left", async () => {
  const port = await listen((socket) => socket.resetAndDestroy());
  expect(await post(`https://127.0.0.1:${port}/`)).toHaveProperty("notSent");
});

test("a time-out while the connection is still being made proves that nothing left", async () => {
  const port = await listen(() => {});
  expect(await post(`https://127.0.0.1:${port}/`, 100)).toHaveProperty("notSent");
});

test("a time-out after the request was written proves nothing", async () => {
  const port = await listen((socket) => socket.resume());
  expect(await post(`http://127.0.0.1:${port}/`, 100)).toHaveProperty("lost");
});

test("of two requests at once each is witnessed by itself", async () => {
  const [silent, resetting] = await Promise.all([
    listen((socket) => socket.resume()),
    listen((socket) => socket.resetAndDestroy()),
  ]);
  const work = [post(`http://127.0.0.1:${silent}/`, 100), post(`https://127.0.0.1:${resetting}/`)];
  expect((await Promise.all(work)).map((sent) => Object.keys(sent))).toEqual([["lost"], ["notSent"]]);
});

test("a runtime that sends twice by itself is seen: an alarm, and a refusal of the second proves nothing", async () => {
  let posts = 0;
  const served = await serve((request, response) => {
    request.resume();
    response.writeHead(posts++ === 0 ? 421 : 400, { "content-type": "application/json" }).end("{}");
  });
  onTestFinished(() => served.close());
  const events: VidtaskEvent[] = [];
  const client = createAcme({ apiKey: "k", baseUrl: served.url, onEvent: (event) => void events.push(event) });
  const submitting = client.submit({ model: "acme-2", prompt: "x" }, { idempotencyKey: "k" });
  await expect(submitting).rejects.toMatchObject({ code: "submit_unknown", billed: "unknown" });
  expect(posts).toBe(2);
  expect(events).toContainEqual(expect.objectContaining({ type: "alarm", alarm: "double_send", idempotencyKey: "k" }));
});
