// The ledgers of all vendors are the judge: one logical request is charged at most once, whatever the router does.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineVendor } from "@vidtask/core/adapter";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod/mini";
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  createVidtask,
  formatRef,
  memoryJournal,
  parseRef,
  settleSubmit,
  step,
  type ClientOptions,
  type RouteOptions,
  type VidtaskEvent,
} from "./index.ts";
import { saveVideo } from "./node.ts";

type Fault = (pass: () => Promise<Response>) => Promise<Response>;
const refuses = (status: number, body: unknown) => async () => Response.json(body, { status });
const unreachable: Fault = async () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
  throw new TypeError("fetch failed", { cause });
};
const lostAfterAcceptance: Fault = async (pass) => {
  await pass();
  throw new TypeError("fetch failed", {
    cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" }),
  });
};

/** All vendors over one emulator; a fault stands between a client and its paid POST. */
function emulatedVendors(
  faults: Partial<Record<"apixo" | "apimodels" | "aivideoapi", Fault>> = {},
  more: ClientOptions = {},
) {
  const emulator = createEmulator({ clock: "manual" });
  const events: VidtaskEvent[] = [];
  const options = (vendor: keyof typeof faults): ClientOptions => {
    const given = emulator.for(vendor);
    const fault = faults[vendor];
    const send = ((url, init) => {
      const pass = () => given.fetch(url, init);
      return fault && init?.method === "POST" ? fault(pass) : pass();
    }) as typeof fetch;
    return { ...given, fetch: send, onEvent: (event) => void events.push(event), ...more };
  };
  const apixo = createApixo(options("apixo"));
  const apimodels = createAPIModels(options("apimodels"));
  const aivideoapi = createAIVideoAPI(options("aivideoapi"));
  const routes = () => events.flatMap((event) => (event.type === "route" ? [event.vendor] : []));
  const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").map(({ vendor }) => vendor);
  return { emulator, apixo, apimodels, aivideoapi, events, routes, charges };
}

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => expect.fail(`expected an error, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );

const text = { model: "kling-2.6", prompt: "a waterfall", duration: 5 } as const;
const picture = { ...text, image: "https://example.com/photo.jpg" } as const;

describe("choosing", () => {
  test("veo-3.1 finds two vendors, of which each means the same by what is left out", () => {
    const { aivideoapi, apixo, apimodels } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, aivideoapi, apimodels] });
    const offers = vidtask.compare({ model: "veo-3.1", prompt: "x", aspectRatio: "auto" });
    expect(offers.map((offer) => [offer.model, offer.ok && offer.plan.price?.usd])).toEqual([
      ["veo-3-1", 0.2],
      ["veo-3", 0.2],
    ]);
    expect(offers.map((offer) => offer.ok && offer.plan.body["input"])).toMatchObject([
      { mode: "fast", aspect_ratio: "auto" },
      { mode: "fast", aspect_ratio: "Auto" },
    ]);
  });

  test("kling-3 finds all three vendors, with the prices that their pages have", () => {
    const { aivideoapi, apixo, apimodels } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, aivideoapi, apimodels] });
    const offers = vidtask.compare({ model: "kling-3", prompt: "x", duration: 10 }, { prefer: "cheapest" });
    expect(offers.map((offer) => [offer.model, offer.ok && offer.plan.price?.usd])).toEqual([
      ["kling-v3", 0.633],
      ["kling-3.0", 1.4],
      ["kling-3-0-std", undefined],
    ]);
  });

  test("compares every vendor and model of the family, impossible ones last with what stands against them", () => {
    const { apixo, apimodels, aivideoapi } = emulatedVendors();
    const rows = createVidtask({ vendors: [aivideoapi, apixo, apimodels] }).compare(text);
    expect(rows.map(({ vendor, model, ok }) => [vendor, model, ok])).toEqual([
      ["apixo", "kling-2-6", true],
      ["apimodels", "kling-v2-6", true],
      ["aivideoapi", "kling-2.6", false],
    ]);
    expect(rows[2]).toMatchObject({ issues: [{ path: "image" }] });
  });

  test.each<{ prefer: RouteOptions["prefer"]; order: string[]; what: string }>([
    { prefer: "cheapest", order: ["apimodels", "aivideoapi", "apixo"], what: "by price, unknown prices last" },
    { prefer: "fastest", order: ["apixo", "apimodels", "aivideoapi"], what: "by the documented times" },
    { prefer: ["aivideoapi", "apixo"], order: ["aivideoapi", "apixo"], what: "as listed, and no other vendor" },
  ])("prefers $prefer: $what", ({ prefer, order }) => {
    const { apixo, apimodels, aivideoapi } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, aivideoapi, apimodels] });
    expect(vidtask.compare(picture, { prefer }).map(({ vendor }) => vendor)).toEqual(order);
  });

  const withNegativePrompt = { ...text, negativePrompt: "blur" };

  test("a field that a vendor does not take stands against it", () => {
    const { apixo, apimodels } = emulatedVendors();
    expect(createVidtask({ vendors: [apixo, apimodels] }).compare(withNegativePrompt)).toMatchObject([
      { vendor: "apimodels", ok: true },
      { vendor: "apixo", ok: false, issues: [{ path: "negativePrompt" }] },
    ]);
  });

  test("a field is left out only when that is allowed, and then said, without its value", () => {
    const { apixo, apimodels } = emulatedVendors();
    const [offer] = createVidtask({ vendors: [apixo, apimodels] }).compare(withNegativePrompt, {
      prefer: ["apixo"],
      dropFields: ["negativePrompt"],
    });
    expect(offer).toMatchObject({ ok: true, warnings: [{ about: "negativePrompt", kind: "dropped" }] });
    expect(JSON.stringify(offer)).not.toContain("blur");
  });

  test("a plan is the first possible vendor's", () => {
    const { apixo, aivideoapi } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [aivideoapi, apixo] });
    expect(vidtask.plan(text)).toMatchObject({ vendor: "apixo", request: text });
  });

  test("a plan that no vendor can do names the reasons of each", () => {
    const { apixo, aivideoapi } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [aivideoapi, apixo] });
    expect(() => vidtask.plan({ ...text, duration: 7 as 5 })).toThrow(
      /duration.*aivideoapi kling-2.6.*duration.*apixo kling-2-6/,
    );
  });

  test("a plan of an unknown family says so", () => {
    const { apixo } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo] });
    expect(() => vidtask.plan({ ...text, model: "kling-9" as "kling-2.6" })).toThrow(/model: must be a family/);
  });

  test("a price cap leaves only the vendors below it", async () => {
    const { emulator, apixo, apimodels, charges } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    await emulator.clock.until(vidtask.generate(text, { maxPrice: 0.02 }));
    expect(charges()).toEqual(["apimodels"]);
  });

  test("a price cap below every vendor refuses, and charges nothing", async () => {
    const { apixo, apimodels, charges } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    await expect(vidtask.submit(text, { maxPrice: 0.01 })).rejects.toMatchObject({ issues: [{ path: "maxPrice" }] });
    expect(charges()).toEqual([]);
  });
});

describe("falling back", () => {
  test.each<[name: string, fault: Fault]>([
    ["has no credits", refuses(400, { code: 400, message: "Insufficient credits", data: null })],
    ["refuses the key", refuses(401, { code: 401, message: "Invalid or missing API key" })],
    ["refuses under HTTP 200", refuses(200, { code: 403, message: "no", data: null })],
    ["has moved", async () => new Response("", { status: 308, headers: { location: "https://elsewhere.test" } })],
    ["cannot be reached", unreachable],
    [
      "limits the rate beyond the time",
      async () => new Response("", { status: 429, headers: { "retry-after": "3600" } }),
    ],
  ])("the next vendor is tried when the first %s, and the path taken is told", async (_name, fault) => {
    const { emulator, apixo, apimodels, charges, events } = emulatedVendors({ apixo: fault });
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    const task = await emulator.clock.until(vidtask.submit(text, { idempotencyKey: "row-1", submitTimeout: 5_000 }));
    expect(task.vendor).toBe("apimodels");
    expect(charges()).toEqual(["apimodels"]);
    expect(events.filter(({ type }) => type === "route")).toEqual([
      { type: "route", vendor: "apixo", model: "kling-2-6", reason: "first choice", idempotencyKey: "row-1" },
      {
        type: "route",
        vendor: "apimodels",
        model: "kling-v2-6",
        reason: expect.stringContaining("apixo did not accept"),
        idempotencyKey: "row-1",
      },
    ]);
  });

  test.each<[name: string, fault: Fault]>([
    ["a reset after acceptance", lostAfterAcceptance],
    ["a 500", refuses(500, { code: 500, message: "no", data: null })],
    ["a gateway's page", async () => new Response("<html>", { status: 502 })],
    ["an answer without an id", refuses(200, { code: 200, message: "success", data: {} })],
  ])("after %s no other vendor is tried: the outcome is unknown, now and on every later call", async (_name, fault) => {
    const { apixo, apimodels, charges, routes } = emulatedVendors({ apixo: fault });
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    const submit = (prefer?: readonly string[]) =>
      errorOf(vidtask.submit(text, { idempotencyKey: "row-1", ...(prefer && { prefer }) }));
    expect(await submit()).toMatchObject({ code: "submit_unknown" });
    expect(await submit(["apimodels"])).toMatchObject({ code: "submit_unknown" });
    expect(charges().length).toBeLessThanOrEqual(1);
    expect(charges()).not.toContain("apimodels");
    expect(routes()).not.toContain("apimodels");
  });

  test("content that was rejected is not offered to the next vendor", async () => {
    const createStrict = defineVendor({
      vendor: "strict",
      baseUrl: "https://strict.test",
      secrets: { apiKey: "STRICT_API_KEY" },
      models: {
        s: {
          family: "kling-2.6",
          source: "none",
          request: z.strictObject({ prompt: z.string(), duration: z.optional(z.literal(5)) }),
        },
      },
      submit: { call: () => ({ path: "/" }), read: (body) => body as { id: string } },
      status: { call: () => ({ path: "/" }), read: () => ({ state: "pending" }) },
      refusal: () => ({ code: "content_rejected", message: "not this prompt" }),
    });
    const { apixo, charges } = emulatedVendors();
    const strict = createStrict({
      apiKey: "k",
      fetch: (async () => Response.json({}, { status: 400 })) as typeof fetch,
    });
    const vidtask = createVidtask({ vendors: [strict, apixo] });
    await expect(vidtask.submit(text)).rejects.toMatchObject({ code: "content_rejected", billed: "no" });
    expect(charges()).toEqual([]);
  });

  test("an abort before anything left does not go on with the next vendor", async () => {
    const { emulator, apixo, apimodels, charges } = emulatedVendors({ apixo: unreachable });
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    const abort = new AbortController();
    const submitting = vidtask.submit(text, { signal: abort.signal });
    const settled = submitting.catch((error: unknown) => error);
    setTimeout(() => abort.abort(), 20);
    expect(await settled).toMatchObject({ code: "aborted", billed: "no" });
    await emulator.clock.advance(60_000);
    expect(charges()).toEqual([]);
  });
});

describe("one key", () => {
  test("stays with its vendor whatever is preferred later, and is charged once", async () => {
    const { emulator, apixo, apimodels, charges } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    const first = await vidtask.submit(text, { idempotencyKey: "row-1" });
    const second = await vidtask.submit(text, { idempotencyKey: "row-1", prefer: "cheapest" });
    const done = await emulator.clock.until(vidtask.generate(text, { idempotencyKey: "row-1", prefer: ["apimodels"] }));
    expect(second.id).toBe(first.id);
    expect(done.id).toBe(first.id);
    expect(charges()).toEqual(["apixo"]);
  });

  test("that has its task costs nothing more, whatever a later call would pay", async () => {
    const { emulator, apixo, apimodels, charges } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    const dear = await emulator.clock.until(vidtask.submit(text, { idempotencyKey: "row-1", maxPrice: 0.02 }));
    expect((await vidtask.submit(text, { idempotencyKey: "row-1", maxPrice: 0.01 })).id).toBe(dear.id);
    expect(charges()).toEqual(["apimodels"]);
  });

  test(
    "submitted by two routers at once, each preferring another vendor, is charged once",
    { repeats: 19 },
    async () => {
      const journal = memoryJournal();
      const { emulator, apixo, apimodels, charges } = emulatedVendors({}, { journal });
      const one = createVidtask({ vendors: [apixo, apimodels] });
      const two = createVidtask({ vendors: [apimodels, apixo] });
      const both = Promise.all([one.submit(text, { idempotencyKey: "k" }), two.submit(text, { idempotencyKey: "k" })]);
      const [a, b] = await emulator.clock.until(both);
      expect(a.id).toBe(b.id);
      expect(charges()).toHaveLength(1);
    },
  );

  test("with another request is refused, though the vendor's own request might be the same", async () => {
    const { apixo, apimodels } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    await vidtask.submit(text, { idempotencyKey: "k" });
    await expect(vidtask.submit({ ...text, prompt: "another" }, { idempotencyKey: "k" })).rejects.toMatchObject({
      issues: [{ path: "idempotencyKey" }],
    });
  });
});

describe("a router is a client", () => {
  describe("for a bare ref from another process", () => {
    /** A router of another process, and the ref of a task at its second vendor. */
    async function elsewhere() {
      const { emulator, apixo, apimodels } = emulatedVendors();
      const task = await createVidtask({ vendors: [apixo, apimodels] }).submit(text, { prefer: ["apimodels"] });
      const vendors = [createApixo(emulator.for("apixo")), createAPIModels(emulator.for("apimodels"))] as const;
      return { emulator, router: createVidtask({ vendors: [...vendors] }), ref: parseRef(formatRef(task)), task };
    }

    test("get finds the vendor", async () => {
      const { router, ref, task } = await elsewhere();
      expect(await router.get(ref)).toMatchObject({ vendor: "apimodels", id: task.id });
    });

    test("watch follows the task to its end", async () => {
      const { emulator, router, ref } = await elsewhere();
      const states: string[] = [];
      const watching = (async () => {
        for await (const { state } of router.watch(ref)) states.push(state);
      })();
      await emulator.clock.until(watching);
      expect(states.at(-1)).toBe("succeeded");
    });

    test("wait returns the end", async () => {
      const { emulator, router, ref } = await elsewhere();
      expect((await emulator.clock.until(router.wait(ref))).state).toBe("succeeded");
    });

    test("a vendor that the router does not have is refused", async () => {
      const { router, ref } = await elsewhere();
      await expect(router.get({ ...ref, vendor: "unheard-of" })).rejects.toMatchObject({
        issues: [{ path: "ref.vendor" }],
      });
    });
  });

  test("its videos are saved through the vendor's own client", async () => {
    const { emulator, apixo, apimodels } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    const folder = await mkdtemp(join(tmpdir(), "vidtask-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const done = await emulator.clock.until(vidtask.generate(text, { prefer: "cheapest" }));
    expect((await saveVideo(vidtask, done, join(folder, "v.mp4"))).bytes).toBeGreaterThan(10_000);
  });

  test("drains all of its vendors", async () => {
    const { apixo, apimodels, charges } = emulatedVendors();
    const vidtask = createVidtask({ vendors: [apixo, apimodels] });
    await vidtask.drain();
    await expect(vidtask.submit(text)).rejects.toMatchObject({ code: "aborted", billed: "no" });
    await expect(apimodels.submit({ model: "kling-v2-6", prompt: "x" })).rejects.toMatchObject({ code: "aborted" });
    expect(charges()).toEqual([]);
  });

  test("a key that was declared lost at one vendor is free for another", async () => {
    const journal = memoryJournal();
    const { emulator, apixo, apimodels, charges } = emulatedVendors({ apixo: refuses(502, "bad gateway") });
    const vidtask = createVidtask({ vendors: [apixo, apimodels], journal });
    const submit = (prefer: string) => vidtask.submit(text, { idempotencyKey: "row-1", prefer: [prefer] });
    expect(await errorOf(emulator.clock.until(submit("apixo")))).toMatchObject({ code: "submit_unknown" });
    await settleSubmit(journal, "row-1", "lost", { force: true });
    expect((await emulator.clock.until(submit("apimodels"))).vendor).toBe("apimodels");
    expect(charges()).toEqual(["apimodels"]);
  });

  const apixoWithJournal = () => createApixo({ journal: memoryJournal() });
  test.each<{ what: string; option: RegExp; options: () => Parameters<typeof createVidtask>[0] }>([
    {
      what: "vendors with different journals",
      option: /journal/,
      options: () => ({ vendors: [apixoWithJournal(), createAPIModels({ journal: memoryJournal() })] }),
    },
    {
      what: "a journal that is not its vendor's",
      option: /journal/,
      options: () => ({ vendors: [apixoWithJournal()], journal: memoryJournal() }),
    },
    { what: "the same vendor twice", option: /vendors/, options: () => ({ vendors: [createApixo(), createApixo()] }) },
    { what: "no vendor", option: /vendors/, options: () => ({ vendors: [] }) },
  ])("refuses $what, and names the option", ({ option, options }) => {
    expect(() => createVidtask(options())).toThrow(option);
  });
});

test("a request that is changed right after the call: the first is sent, and what the key stands for", async () => {
  const { emulator, apixo } = emulatedVendors();
  const router = createVidtask({ vendors: [apixo] });
  const request = { model: "kling-2.6" as const, prompt: "first", duration: 5 as 5 | 10 };
  const work = router.submit(request, { idempotencyKey: "k" });
  Object.assign(request, { prompt: "changed", duration: 10 });
  const task = await work;
  expect(JSON.stringify(emulator.requests[0]?.body)).toContain("first");
  const again = router.submit({ model: "kling-2.6", prompt: "first", duration: 5 }, { idempotencyKey: "k" });
  expect(await again).toMatchObject({ id: task.id });
});

describe("cancel", () => {
  const ref = { vendor: "stoppable", model: "s", id: "1" };
  const createStoppable = defineVendor({
    vendor: "stoppable",
    baseUrl: "https://stoppable.test",
    secrets: { apiKey: "STOPPABLE_API_KEY" },
    models: { s: { family: "kling-2.6", source: "none", request: z.strictObject({ prompt: z.string() }) } },
    submit: { call: () => ({ path: "/" }), read: (body) => body as { id: string } },
    status: {
      call: () => ({ path: "/" }),
      read: () => ({ state: "failed", failure: { code: "cancelled", message: "stopped", billed: "no" } }),
    },
    cancel: { call: () => ({ path: "/cancel" }) },
    refusal: () => undefined,
  });

  test("goes to the task's vendor, where that has it", async () => {
    const { apixo } = emulatedVendors();
    const stoppable = createStoppable({ apiKey: "k", fetch: (async () => Response.json({})) as typeof fetch });
    const { cancel } = createVidtask({ vendors: [apixo, stoppable] });
    await expect(cancel?.(ref)).resolves.toMatchObject({ failure: { code: "cancelled" } });
    const error = await cancel?.({ vendor: "apixo", model: "kling-2-6", id: "task_1" }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ issues: [{ path: "ref.vendor" }] });
  });

  test("is not there where no vendor has it", () => {
    expect(createVidtask({ vendors: [emulatedVendors().apixo] })).not.toHaveProperty("cancel");
  });
});

test("a step of a router submits to the first vendor that can, and asks that one from then on", async () => {
  const emulator = createEmulator({ clock: "manual" });
  const router = createVidtask({
    vendors: [createAIVideoAPI(emulator.for("aivideoapi")), createApixo(emulator.for("apixo"))],
  });
  const options = { idempotencyKey: "k", request: { model: "kling-2.6", prompt: "a waterfall" } as const };
  const first = await step(router, options);
  expect(first).toMatchObject({ why: "running" });
  expect(emulator.requests).toHaveLength(1);
  expect(await step(router, options)).toMatchObject({ why: "running" });
  expect(emulator.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  await emulator.clock.advance(3_600_000);
  expect(await step(router, options)).toMatchObject({ done: { state: "succeeded" } });
});
