// The programs that wait for callbacks run, with the emulator as the vendor that calls back.
import type * as Apixo from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import { expect, test, vi } from "vitest";
import type { Row } from "@/db";

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
    insert: async (values: object) => (rows.set("row-1", values), { id: "row-1", ...values }),
    update: async (id: string, values: object) => void rows.set(id, { ...rows.get(id), ...values }),
  },
}));

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
