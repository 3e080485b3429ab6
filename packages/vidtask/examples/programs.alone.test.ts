// The script runs against the emulator, and so do the programs that wait for callbacks: it is the vendor that calls back.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Apixo from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Row } from "@/db";
import { loadEveryPart } from "../../core/src/test/every-part.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
let deliver: (request: Request) => Promise<Response>;
const emulator = createEmulator({ clock: "manual", deliverCallback: (request) => deliver(request) });

// The programs make their clients without the emulator; here they get its.
vi.mock("@vidtask/apixo", async (original) => {
  const apixo = await original<typeof Apixo>();
  const createApixo = (options?: Apixo.ClientOptions) => apixo.createApixo({ ...emulator.for("apixo"), ...options });
  return { ...apixo, createApixo };
});

const rows = vi.hoisted(() => new Map<string, object>());
vi.mock("next/server", () => ({ after: (work: Promise<unknown>) => void work }));
vi.mock("@/db", () => ({
  db: {
    insert: async (values: object) => {
      const id = `row-${rows.size + 1}`;
      rows.set(id, values);
      return { id, ...values };
    },
    update: async (id: string, values: object) => void rows.set(id, { ...rows.get(id), ...values }),
  },
}));

// Another process loads the modules of this one, in time that no clock here sees.
beforeAll(async () => {
  await Promise.all([loadEveryPart(), import("@vidtask/apixo/node")]);
});

test("01-script makes a video, saves it and pays once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vidtask-"));
  const cwd = process.cwd();
  process.chdir(folder);
  onTestFinished(async () => {
    process.chdir(cwd);
    await rm(folder, { recursive: true });
  });
  const log = vi.spyOn(console, "log").mockReturnValue();
  await emulator.clock.until(import("./01-script.ts"));
  const [bytes, expiresAt] = log.mock.calls[0] ?? [];
  expect((await readFile("waterfall.mp4")).byteLength).toBe(bytes);
  expect(Date.parse(String(expiresAt))).toBeGreaterThan(emulator.clock.now());
  expect(emulator.ledger).toHaveLength(1);
});

test("02-next stores the video of a route's request when its callback comes", async () => {
  vi.stubEnv("CALLBACK_SECRET", SECRET);
  const { submitRoute, callbackRoute } = await import("./02-next.ts");
  deliver = callbackRoute;
  const body = JSON.stringify({ prompt: "a waterfall" });
  await submitRoute(new Request("https://app.example/api/videos", { method: "POST", body }));
  expect(rows.get("row-1") as Row).toMatchObject({ status: "submitting", ref: expect.stringMatching(/^apixo:/) });
  await emulator.clock.advance(120_000);
  expect(rows.get("row-1") as Row).toMatchObject({ status: "succeeded", url: expect.stringContaining("https://") });
  expect(emulator.callbacks).toMatchObject([{ status: 200 }]);
});

test("02-next keeps an end that comes before the route has stored its task", async () => {
  vi.stubEnv("CALLBACK_SECRET", SECRET);
  const { submitRoute, callbackRoute } = await import("./02-next.ts");
  deliver = callbackRoute;
  emulator.injectFault({ on: "callback", kind: "before-answer" });
  const body = JSON.stringify({ prompt: "a waterfall" });
  await emulator.clock.until(submitRoute(new Request("https://app.example/api/videos", { method: "POST", body })));
  expect(rows.get("row-2") as Row).toMatchObject({ status: "succeeded" });
});

/** The table of 03-worker, with what its two statements do. */
function d1() {
  const table = new Map<unknown, unknown[]>();
  const prepare = (query: string) => ({
    bind: (...values: unknown[]) => ({
      run: async () => {
        if (query.startsWith("insert or replace") || !table.has(values[0])) table.set(values[0], values);
      },
      first: async () => null,
      all: async () => ({ results: [] }),
    }),
  });
  return { table, database: { prepare } satisfies D1Database };
}

async function startWorker() {
  const { default: worker } = await import("./03-worker.ts");
  const { table, database } = d1();
  const { apiKey } = emulator.for("apixo");
  const env = { DB: database, APIXO_API_KEY: apiKey, SECRET, ORIGIN: "https://worker.example" };
  const fetch = (request: Request) => worker.fetch(request, env, { waitUntil: () => {} });
  deliver = fetch;
  const submit = async () => {
    const response = await fetch(new Request("https://worker.example/", { method: "POST", body: "a waterfall" }));
    return ((await response.json()) as { key: string }).key;
  };
  return { table, fetch, submit };
}

test("03-worker submits, is called back, and answers what the vendor says", async () => {
  const { table, fetch, submit } = await startWorker();
  const key = await submit();
  const [, ref, state] = table.get(key) ?? [];
  expect(state).toBe("pending");
  const asked = await fetch(new Request(`https://worker.example/${encodeURIComponent(String(ref))}`));
  expect(await asked.json()).toMatchObject({ state: expect.stringMatching(/pending|processing/) });
  await emulator.clock.advance(120_000);
  expect(table.get(key)).toEqual([key, ref, "succeeded"]);
});

test("03-worker keeps an end that comes before it has stored its task", async () => {
  const { table, submit } = await startWorker();
  emulator.injectFault({ on: "callback", kind: "before-answer" });
  const key = await emulator.clock.until(submit());
  expect(table.get(key)?.[2]).toBe("succeeded");
});

test("05-test is green", async () => {
  const declared: (() => Promise<void>)[] = [];
  vi.stubGlobal("test", (_name: string, run: () => Promise<void>) => void declared.push(run));
  vi.stubGlobal("expect", expect);
  await import("./05-test.ts");
  for (const run of declared) await run();
  expect(declared).toHaveLength(1);
});
