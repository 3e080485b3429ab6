// Callbacks over sockets, to a real server on loopback; and what ends them.
import { execFile } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { receiving, status, submit } from "../test/callback-helpers.ts";

async function receiver(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  const seen: { url: string; host: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      seen.push({
        url: `${request.method} ${request.url}`,
        host: request.headers.host ?? "",
        headers: request.headers,
        body,
      });
      answer(request, response, seen.length - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { seen, port: (server.address() as AddressInfo).port };
}

const END = 100_000;

test("to every name of this machine, whole and with the vendor's headers", async () => {
  const { seen, port } = await receiver((_, response) => response.end("thanks"));
  const emulator = createEmulator({ clock: "manual" });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  for (const host of ["127.0.0.1", "localhost", "app.localhost", "LOCALHOST."]) {
    await submit("apixo", server.for("apixo"), `http://${host}:${port}/cb/a?x=1`);
    await emulator.clock.advance(END);
    expect(seen.at(-1)).toMatchObject({ url: "POST /cb/a?x=1", host: expect.stringMatching(/:\d+$/) });
    expect(seen.at(-1)?.headers).toMatchObject({ "content-type": "application/json", connection: "close" });
    expect(JSON.parse(seen.at(-1)?.body ?? "")).toMatchObject({ code: 200, data: { state: "success" } });
    expect(emulator.callbacks.at(-1)).toMatchObject({ status: 200, attempt: 1 });
    // Its result is where the submit's caller reaches it.
    expect(seen.at(-1)?.body).toContain(`${server.url}/results/apixo/`);
  }
});

test("an address elsewhere gets nothing, and the log says so", async () => {
  const emulator = createEmulator({ clock: "manual" });
  for (const url of ["https://app.test/cb", "https://localhost.example.com/cb", "https://203.0.113.7/hook"])
    await submit("apixo", emulator.for("apixo"), url);
  await emulator.clock.advance(2_000_000);
  expect(emulator.callbacks).toHaveLength(3);
  for (const entry of emulator.callbacks) {
    expect(entry).toMatchObject({ attempt: 1, error: expect.stringMatching(/^undeliverable: not on loopback/) });
    expect(entry).not.toHaveProperty("status");
  }
});

test("what goes wrong is tried again: refused, reset, redirected, cut, silent", async () => {
  const { seen, port } = await receiver((request, response, count) => {
    if (count === 0) request.socket.resetAndDestroy();
    else if (count === 1) response.writeHead(307, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
    else if (count === 3)
      response.writeHead(200, { "content-length": "99" }).write("x", () => request.socket.destroy());
    // and the third is never answered
  });
  const emulator = createEmulator({ clock: "manual" });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  await submit("apimodels", server.for("apimodels"), `http://127.0.0.1:${port}/cb`);
  await emulator.clock.advance(1_000_000);
  expect(seen.map(({ url }) => url)).toEqual(Array(4).fill("POST /cb"));
  expect(emulator.callbacks.map((entry) => entry.status ?? entry.error)).toEqual([
    "ECONNRESET",
    307,
    "no answer within 10 s",
    200,
  ]);
  await submit("apixo", server.for("apixo"), "http://127.0.0.1:1/cb");
  await emulator.clock.advance(END);
  expect(emulator.callbacks.at(-1)).toMatchObject({ error: "ECONNREFUSED" });
});

test("time stands still while one is on its way", async () => {
  const { port } = await receiver((_, response) => setTimeout(() => response.end(), 60)); // the network's time
  const emulator = createEmulator({ clock: "manual" });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  await submit("apixo", server.for("apixo"), `http://127.0.0.1:${port}/cb`);
  const sent = async () => {
    while (emulator.callbacks.length === 0) await emulator.clock.sleep(5_000);
    const [entry] = emulator.callbacks;
    while (entry?.status === undefined) await emulator.clock.sleep(10);
    return emulator.clock.now() - entry.at;
  };
  // Of the five seconds in which it began a rest is left; beyond it at most one step of those that wait.
  expect(await emulator.clock.until(sent())).toBeLessThan(5_020);
});

describe("with real timers", () => {
  test("they come in their time, over HTTP and in process", async () => {
    const { seen, port } = await receiver((_, response) => response.end());
    const emulator = createEmulator({ clock: { speed: 2_000 } });
    const server = await emulator.listen();
    onTestFinished(() => server.close());
    await submit("apixo", server.for("apixo"), `http://127.0.0.1:${port}/cb`);
    while (seen.length === 0) await emulator.clock.sleep(2_000);
    const other = receiving(() => status(200), { clock: { speed: 2_000 } });
    await submit("apixo", other.emulator.for("apixo"));
    while (other.seen.length === 0) await other.emulator.clock.sleep(2_000);
    expect(other.seen[0]?.at).toBeGreaterThan(50_000);
  });

  test("a clock that runs fast gives a receiver real time: it may be a server that builds its route first", async () => {
    const { emulator } = receiving(
      async () => {
        await emulator.clock.sleep(60_000); // twelve time-outs of the vendor's
        return status(200);
      },
      { clock: { speed: 2_000 } },
    );
    await submit("apixo", emulator.for("apixo"));
    const ended = () => emulator.callbacks.find((entry) => entry.status !== undefined || entry.error !== undefined);
    while (!ended()) await emulator.clock.sleep(2_000);
    expect(ended()).toMatchObject({ attempt: 1, status: 200 });
  });

  test("reset ends them, and close those of the tasks that came to that server", async () => {
    const { emulator, seen } = receiving(() => status(500));
    const server = await emulator.listen();
    await submit("apixo", server.for("apixo"));
    await server.close();
    await emulator.clock.advance(200_000);
    expect(seen).toEqual([]);
    await submit("apixo", emulator.for("apixo"));
    await emulator.clock.advance(80_000);
    emulator.reset();
    const before = seen.length;
    await emulator.clock.advance(300_000);
    expect(seen).toHaveLength(before);
    expect(emulator.callbacks).toEqual([]);
    expect(before).toBeGreaterThan(0);
  });

  test("they keep no process alive", async () => {
    const program = `
      import { createEmulator } from ${JSON.stringify(fileURLToPath(new URL("../index.ts", import.meta.url)))};
      const { apiKey, baseUrl, fetch } = createEmulator({ deliverCallback: () => {} }).for("apimodels");
      const body = JSON.stringify({ model: "kling-v2-6", prompt: "x", callback_url: "https://app.test/cb" });
      const headers = { authorization: "Bearer " + apiKey, "content-type": "application/json" };
      const answer = await fetch(baseUrl + "/video/generations", { method: "POST", headers, body });
      console.log(answer.status, (await answer.json()).data.state);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      timeout: 50_000, // below the time until its callback is due
    });
    expect(stdout.trim()).toBe("200 pending");
  });
});
