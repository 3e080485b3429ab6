// The frameworks of the guide take real callbacks of the emulator, over sockets.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import type * as Apixo from "@vidtask/apixo";
import type * as ApixoNode from "@vidtask/apixo/node";
import { createEmulator } from "@vidtask/emulator";
import { beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { loadEveryPart } from "../../core/src/test/every-part.ts";
import { sampleAt, samples } from "./pages.ts";
import { writeSamples } from "./write-samples.ts";

const PAGE = "packages/docs/guides/callbacks.md";
const SECRET = "0123456789abcdef0123456789abcdef";

// The samples make their clients without the emulator; here they get its options.
const given = vi.hoisted((): { options?: Apixo.ClientOptions } => ({}));
vi.mock("@vidtask/apixo", async (original) => {
  const apixo = await original<typeof Apixo>();
  const createApixo = (options?: Apixo.ClientOptions) => apixo.createApixo({ ...given.options, ...options });
  return { ...apixo, createApixo };
});
// The emulator's time is not the file's.
vi.mock("@vidtask/apixo/node", async (original) => {
  const node = await original<typeof ApixoNode>();
  const sqliteJournal = (...file: Parameters<typeof node.sqliteJournal>) => {
    const { now: _now, ...journal } = node.sqliteJournal(...file);
    return journal;
  };
  return { ...node, sqliteJournal };
});
vi.mock("next/server", () => ({ after: (work: Promise<unknown>) => void work }));

type Handler = (request: Request) => Promise<Response>;
const overRequests = (handler: Handler): Server => createServer(getRequestListener(handler));

/** Makes a server of what a sample exports. Next.js and Workers are no servers here: their platforms hand over a Request. */
const servers: Record<string, (sample: never) => Server | Promise<Server>> = {
  "app/callback/[token]/route.ts": ({ POST }: { POST: Handler }) => overRequests(POST),
  "hono.ts": ({ app }: { app: { fetch: Handler } }) => overRequests(app.fetch),
  "express.ts": ({ app }: { app: RequestListener }) => createServer(app),
  "fastify.ts": async ({ app }: { app: { ready(): Promise<unknown>; routing: RequestListener } }) => {
    await app.ready();
    return createServer(app.routing);
  },
  "worker.ts": ({ default: worker }: { default: { fetch(...args: unknown[]): Promise<Response> } }) => {
    const env = { APIXO_API_KEY: given.options?.apiKey, SECRET, ORIGIN: new URL(process.env["CALLBACK_URL"]!).origin };
    return overRequests((request) => worker.fetch(request, env, { waitUntil: () => {} }));
  },
  "server.ts": ({ server }: { server: Server }) => server,
};

async function listening(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

// Another process loads the modules of this one, in time that no clock here sees; it has them at hand from then on.
beforeAll(async () => {
  await Promise.all([loadEveryPart(), import("@vidtask/apixo/node")]);
});

beforeEach(() => {
  writeSamples();
  const cwd = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "vidtask-"));
  process.chdir(folder);
  onTestFinished(() => {
    process.chdir(cwd);
    rmSync(folder, { recursive: true });
  });
});

test("every sample of the guide but the shared one is tried", () => {
  const names = samples.filter(({ page }) => page === PAGE).map(({ file }) => file.split("guides-callbacks/")[1]);
  expect(names.toSorted()).toEqual([...Object.keys(servers), "videos.ts"].toSorted());
});

test.each(Object.keys(servers))("%s takes a callback, and refuses one without a token", async (path) => {
  // The client names this address before the sample's server has one.
  let port = 0;
  const front = createTcpServer((socket) => {
    const back = connect(port, "127.0.0.1");
    socket.on("error", () => back.destroy()).pipe(back);
    back.on("error", () => socket.destroy()).pipe(socket);
  });
  const url = `http://127.0.0.1:${await listening(front as unknown as Server)}/callback`;
  const emulator = createEmulator({ clock: "manual" });
  const vendor = await emulator.listen();
  onTestFinished(() => vendor.close());
  const { apiKey, baseUrl, clock } = vendor.for("apixo");
  given.options = { apiKey, baseUrl, clock };
  vi.stubEnv("CALLBACK_SECRET", SECRET);
  vi.stubEnv("CALLBACK_URL", url);
  vi.resetModules();
  const log = vi.spyOn(console, "log").mockReturnValue();

  const sample = (await import(sampleAt(PAGE, path))) as never;
  port = await listening(await servers[path]!(sample));
  const { apixo } = (await import(sampleAt(PAGE, "videos.ts"))) as { apixo: ReturnType<typeof Apixo.createApixo> };
  await apixo.submit({ model: "kling-2-6", prompt: "x" }, { idempotencyKey: path });
  await emulator.clock.advance(120_000);

  expect(log.mock.calls).toEqual([expect.arrayContaining([path, "succeeded"])]);
  expect(emulator.callbacks).toMatchObject([{ attempt: 1, status: 200 }]);
  expect((await fetch(`${url}/x`, { method: "POST", body: "{}" })).status).toBe(404);
});
