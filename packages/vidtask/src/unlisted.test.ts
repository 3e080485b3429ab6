// A model that this version does not list, at all vendors: their documented bodies, written by hand, go out as those of listed models.
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, test } from "vitest";
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  createVidtask,
  formatRef,
  memoryJournal,
  parseRef,
  unlistedModel,
  VendorError,
  type APIModelsRequest,
  type ClientOptions,
  type JsonObject,
  type VideoClient,
  type VideoRequest,
} from "./index.ts";

const image = "https://example.com/a.png";
const vendors: Record<
  string,
  [create: (options: ClientOptions) => VideoClient, request: VideoRequest, body: JsonObject]
> = {
  apixo: [
    createApixo as never,
    { model: "kling-2-6", prompt: "it moves", image, duration: 10, routing: "value" },
    {
      provider: "value",
      input: { mode: "image-to-video", image_urls: [image], prompt: "it moves", duration: 10, sound: false },
    },
  ],
  aivideoapi: [
    createAIVideoAPI as never,
    { model: "kling-2.6", prompt: "it moves", image, sound: true },
    { input: { prompt: "it moves", image_urls: [image], duration: 5, sound: true } },
  ],
  apimodels: [
    createAPIModels as never,
    { model: "kling-v2-6", prompt: "it moves", image, duration: 10 },
    { prompt: "it moves", image, mode: "std", duration: "10" },
  ],
};

describe.each(Object.entries(vendors))("%s", (vendor, [create, listed, body]) => {
  const started = (options: ClientOptions = {}) => {
    const emulator = createEmulator({ clock: "manual", vendors: [vendor] });
    return { emulator, client: create({ ...emulator.for(vendor), ...options }) };
  };
  const byHand = unlistedModel({ model: listed.model, extraBody: body });

  test.each([
    ["polled", {}],
    ["called back", { callback: { url: "https://app.test/hook", secret: "0123456789abcdef0123456789abcdef" } }],
  ])("the documented body is the same call as a listed model's, %s", (_, options) => {
    const { client } = started(options);
    const [plan, same] = [client.plan(byHand), client.plan(listed)];
    expect([plan.body, plan.url, plan.callback]).toEqual([same.body, same.url, same.callback]);
    expect([plan.price, plan.expected, plan.warnings.map(({ kind }) => kind)]).toEqual([
      undefined,
      undefined,
      ["unchecked"],
    ]);
  });

  test("is taken by the vendor, charged once under its key, and read by its ref", async () => {
    const journal = memoryJournal();
    const { emulator, client } = started({ journal });
    const options = { idempotencyKey: "k" };
    const end = await emulator.clock.until(client.generate(byHand, options));
    expect((await client.submit(byHand, options)).id).toBe(end.id);
    expect(emulator.ledger.filter(({ kind }) => kind === "charge")).toHaveLength(1);
    expect(parseRef(formatRef(end))).toMatchObject({ vendor, model: listed.model, id: end.id });
    expect(await journal.get("k")).toMatchObject({ state: "succeeded", request: { unlisted: true } });
  });

  test("an id that the vendor does not have either is its refusal, and costs nothing", async () => {
    const { emulator, client } = started();
    const work = client.submit(unlistedModel({ model: "kling-99", extraBody: body }));
    const error: unknown = await emulator.clock.until(work).catch((thrown: unknown) => thrown);
    expect(VendorError.isInstance(error) && [error.vendor, error.billed]).toEqual([vendor, "no"]);
    expect(emulator.ledger.filter(({ kind }) => kind === "charge")).toEqual([]);
  });

  test("a typo is refused with the nearest name, and a price is asked for where it is capped", async () => {
    const { emulator, client } = started();
    const typo = `${listed.model}x`;
    await expect(client.submit({ ...listed, model: typo })).rejects.toThrow(`did you mean ${listed.model}?`);
    await expect(client.submit(byHand, { maxPrice: 9 })).rejects.toThrow("maxPrice");
    expect(emulator.requests).toEqual([]);
    const priced = started({ prices: () => 0.5 }).client;
    expect((await priced.submit(byHand, { maxPrice: 0.5 })).model).toBe(listed.model);
  });
});

test("a router does not choose it", async () => {
  const client = createAPIModels(createEmulator({ vendors: ["apimodels"] }).for("apimodels"));
  const router = createVidtask({ vendors: [client] });
  for (const model of ["kling-v2-6", "kling-2.6"]) {
    const asked = unlistedModel<never>({ model, extraBody: { prompt: "x" } });
    await expect(router.submit(asked)).rejects.toThrow("unlisted: must be left out");
    expect(() => router.compare(asked)).toThrow("unlisted");
  }
});

test("its type is that of the client it is given to", () => {
  const client = createAPIModels(createEmulator({ vendors: ["apimodels"] }).for("apimodels"));
  client.plan(unlistedModel({ model: "kling-v9", extraBody: { prompt: "x" } }));
  const kept: APIModelsRequest = unlistedModel({ model: "kling-v9", extraBody: { prompt: "x" } });
  expect(client.plan(kept).body).toEqual({ model: "kling-v9", prompt: "x" });
  // @ts-expect-error a model that is not listed, not on purpose
  expect(() => client.plan({ model: "kling-v9", prompt: "x" })).toThrow("model");
});
