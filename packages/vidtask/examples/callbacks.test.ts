// The programs that wait for callbacks run, with the emulator as the vendor that calls back.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type * as Apixo from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Row } from "@/db";
import type * as Receivers from "./receivers.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
let deliver: (request: Request) => Promise<Response>;
const emulator = createEmulator({ clock: "manual", deliver: (request) => deliver(request) });

// 02 and 03 make their clients without the emulator; here they get its.
vi.mock("@vidtask/apixo", async (original) => {
  const apixo = await original<typeof Apixo>();
  const createApixo = (options?: Apixo.ClientOptions) => apixo.createApixo({ ...emulator.for("apixo"), ...options });
  return { ...apixo, createApixo };
});

const rows = vi.hoisted(() => new Map<string, object>());
vi.mock("next/server", () => ({ after: (work: Promise<unknown>) => void work }));
vi.mock("@/db", () => ({
  db: {
    insert: async (values: object) => (rows.set("row-1", values), { id: "row-1", ...values }),
    update: async (id: string, values: object) => void rows.set(id, { ...rows.get(id), ...values }),
  },
}));

// Installed for others, not for this package: what the emulator serves with, and what Pact does. Fastify is not, so its part here is played.
vi.mock("hono", () => createRequire(import.meta.resolve("@vidtask/emulator"))("hono") as object);
vi.mock("express", () => ({
  default: createRequire(import.meta.resolve("@pact-foundation/pact"))("express") as object,
}));
type Play = (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): void }) => void;
const fastify = vi.hoisted((): { play?: Play } => ({}));
vi.mock("fastify", () => {
  const all = (_path: string, handler: Play) => void (fastify.play = handler);
  const scope = { removeAllContentTypeParsers: () => {}, addContentTypeParser: () => {}, all };
  return { default: () => ({ register: (plugin: (given: typeof scope) => Promise<void>) => void plugin(scope) }) };
});

test("02-next stores the video of a route's request when its callback comes", async () => {
  vi.stubEnv("CALLBACK_SECRET", SECRET);
  const { submitRoute, callbackRoute } = await import("./02-next.ts");
  deliver = callbackRoute;
  const body = JSON.stringify({ prompt: "a waterfall" });
  await submitRoute(new Request("https://app.example/api/videos", { method: "POST", body }));
  expect(rows.get("row-1") as Row).toMatchObject({ status: "pending" });
  await emulator.clock.advance(120_000);
  expect(rows.get("row-1") as Row).toMatchObject({ status: "succeeded", url: expect.stringContaining("https://") });
  expect(emulator.callbacks).toMatchObject([{ status: 200 }]);
});

test("03-worker submits, is called back, and answers what the vendor says", async () => {
  const { default: worker } = await import("./03-worker.ts");
  const table: unknown[][] = [];
  const run = (values: unknown[]) => ({ run: async () => void table.push(values), first: async () => null });
  const env = {
    DB: { prepare: () => ({ bind: (...values: unknown[]) => run(values) }) } as D1Database,
    APIXO_API_KEY: emulator.for("apixo").apiKey,
    SECRET,
    ORIGIN: "https://worker.example",
  };
  const fetch = (request: Request) => worker.fetch(request, env, { waitUntil: () => {} });
  deliver = fetch;
  const response = await fetch(new Request("https://worker.example/", { method: "POST", body: "a waterfall" }));
  const { key } = (await response.json()) as { key: string };
  const ref = String(table[0]?.[1]);
  expect(table).toEqual([[key, ref, "pending"]]);
  const asked = await fetch(new Request(`https://worker.example/${encodeURIComponent(ref)}`));
  expect(await asked.json()).toMatchObject({ state: expect.stringMatching(/pending|processing/) });
  await emulator.clock.advance(120_000);
  expect(table).toEqual([
    [key, ref, "pending"],
    [key, ref, "succeeded"],
  ]);
});

test("05-test is green", async () => {
  const declared: (() => Promise<void>)[] = [];
  vi.stubGlobal("test", (_name: string, run: () => Promise<void>) => void declared.push(run));
  vi.stubGlobal("expect", expect);
  await import("./05-test.ts");
  for (const run of declared) await run();
  expect(declared).toHaveLength(1);
});

describe("receivers answers in", () => {
  type Answer = (request: Request) => Promise<Response>;
  /** Over a real socket. */
  const over =
    (listener: RequestListener): Answer =>
    async (request) => {
      const server = createServer(listener);
      onTestFinished(() => void server.close());
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const { method, headers } = request;
      const body = method === "POST" ? await request.text() : null;
      return fetch(`http://127.0.0.1:${port}${new URL(request.url).pathname}`, { method, headers, body });
    };

  test.each<[name: string, mount: (examples: typeof Receivers) => Answer]>([
    ["Next.js", ({ POST }) => POST],
    [
      "Hono",
      ({ hono }) =>
        async (request) =>
          hono.fetch(request),
    ],
    ["Express", ({ app }) => over(app as unknown as RequestListener)],
    ["Fastify", () => over((raw, response) => fastify.play?.({ raw }, { raw: response, hijack: () => {} }))],
  ])("%s", async (name, mount) => {
    vi.stubEnv("CALLBACK_SECRET", SECRET);
    const log = vi.spyOn(console, "log").mockReturnValue();
    const examples = await import("./receivers.ts");
    const answer = mount(examples);
    const statuses: number[] = [];
    deliver = async (request) => {
      const response = await answer(request);
      statuses.push(response.status);
      return response;
    };
    await examples.apixo.submit({ model: "kling-2-6", prompt: "x" }, { key: name });
    await emulator.clock.advance(120_000);
    expect([statuses, log.mock.calls]).toEqual([[200], [[name, "succeeded"]]]);
    const stranger = new Request("https://app.example/callback/x", { method: "POST", body: "{}" });
    expect((await answer(stranger)).status).toBe(404);
  });
});
