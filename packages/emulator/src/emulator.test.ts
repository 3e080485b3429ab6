import { describe, expect, test } from "vitest";
import { createEmulator } from "./emulator.ts";
import { apixoOf, caller, textToVideo } from "./test/helpers.ts";

describe("createEmulator", () => {
  test.each<[object, string, RegExp]>([
    [{ vendors: ["acme"] }, "RangeError", /vendors: there is no emulated vendor "acme"; use one of "apixo"/],
    [{ vendors: [] }, "RangeError", /vendors must name at least one/],
    [{ vendors: "apixo" }, "TypeError", /vendors must be an array/],
    [{ clock: "slow" }, "TypeError", /clock must be/],
    [{ clock: { speed: -1 } }, "RangeError", /clock\.speed must be a finite number above 0, not -1/],
    [{ seed: 1.5 }, "RangeError", /seed must be an integer/],
    [{ seed: "a" }, "TypeError", /seed must be an integer/],
    [{ credits: -1 }, "RangeError", /credits must be US dollars from 0/],
    [{ credits: "9" }, "TypeError", /credits must be a number of US dollars/],
  ])("refuses %j, naming field, rule and remedy", (options, name, message) => {
    const attempt = () => createEmulator(options as never);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ name }));
  });

  test("gives options to spread into a vendor's factory", () => {
    const emulator = createEmulator({ vendors: ["apixo"] });
    const { apiKey, baseUrl, fetch, clock } = emulator.for("apixo");
    expect(apiKey).toBe("emulator-key-apixo");
    expect(baseUrl).toBe("https://emulator.test/api/v1");
    expect(fetch).toBe(emulator.fetch);
    expect(clock).toBe(emulator.clock);
    expect(() => emulator.for("acme")).toThrow(/for: there is no emulated vendor "acme"/);
  });

  test("reset forgets tasks, ledger, requests and credits, but time goes on", async () => {
    const emulator = createEmulator({ clock: "manual", credits: 1 });
    const { balance, created, status } = apixoOf(emulator);
    const { ledger, requests } = emulator;
    const id = await created(textToVideo);
    await emulator.clock.advance(5_000);
    emulator.reset();
    expect(ledger).toEqual([]);
    expect(requests).toEqual([]);
    expect(emulator.clock.elapsed()).toBe(5_000);
    expect((await balance()).body.data).toBe(1);
    expect((await status(id)).status).toBe(404);
    expect(requests).toHaveLength(2);
  });

  test("the ledger has the refunds of all vendors in the order in which their tasks failed, looked at often or once", async () => {
    const lost = "https://img.invalid/x.png";
    const refunds = async (step: number) => {
      const emulator = createEmulator({ clock: "manual" });
      const submit = (vendor: string, path: string, body: object) =>
        caller(emulator.for(vendor))(path, { method: "POST", body: JSON.stringify(body) });
      for (let i = 0; i < 4; i++) {
        const input = { prompt: "x", image_urls: [lost] };
        await submit("aivideoapi", "/videos/generations", { model: "kling-2.6", input });
        await submit("apimodels", "/video/generations", { model: "kling-v2-6", image: lost });
      }
      const counts = [];
      for (let ms = 0; ms < 900_000; ms += step) {
        await emulator.clock.advance(step);
        counts.push(emulator.ledger.length);
      }
      return { counts, taskIds: emulator.ledger.slice(8).map(({ taskId }) => taskId) };
    };
    const [often, once] = [await refunds(10_000), await refunds(900_000)];
    expect(often.taskIds).toEqual(once.taskIds);
    expect(new Set(once.taskIds).size).toBe(8);
    expect(new Set(often.counts).size).toBeGreaterThan(4);
  });

  test("the log keeps no headers, and no long bodies", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const { baseUrl, fetch } = emulator.for("apixo");
    const send = async (init: RequestInit = {}) => void (await (await fetch(`${baseUrl}/x`, init)).text());
    await send({ method: "POST", body: "x".repeat(70_000), headers: { authorization: "Bearer secret" } });
    await send({ method: "POST", body: "some text" });
    expect(emulator.requests).toEqual([
      { vendor: "", method: "POST", path: "/api/v1/x", status: 404 },
      { vendor: "", method: "POST", path: "/api/v1/x", status: 404, body: "some text" },
    ]);
    await send();
    expect(emulator.requests[2]).not.toHaveProperty("body");
  });

  test("with an accelerated clock a video takes milliseconds of real time", async () => {
    const emulator = createEmulator({ clock: { speed: 2_000 } });
    const { created, status } = apixoOf(emulator);
    const id = await created(textToVideo);
    await emulator.clock.sleep(70_000);
    expect((await status(id)).body.data["state"]).toBe("success");
  });
});
