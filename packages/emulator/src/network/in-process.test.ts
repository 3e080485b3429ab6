import { describe, expect, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { apixoOf, client, textToVideo, urlOf } from "../test/helpers.ts";
import { createManualClock } from "../time/manual-clock.ts";
import { createExchanges } from "../time/open-exchanges.ts";
import { createFetch } from "./in-process.ts";

const setup = () => {
  const emulator = createEmulator({ clock: "manual" });
  const { fetch, baseUrl, apiKey } = emulator.for("apixo");
  return {
    emulator,
    fetch,
    balance: `${baseUrl}/apikeys/current-balance`,
    headers: { authorization: `Bearer ${apiKey}` },
  };
};

describe("fetch in process", () => {
  test("takes a string, a URL and a Request, with and without init", async () => {
    const { fetch, balance, headers } = setup();
    const answers = await Promise.all([
      fetch(balance, { headers }),
      fetch(new URL(balance), { headers }),
      fetch(new Request(balance, { headers })),
      fetch(new Request(balance), { headers }),
    ]);
    expect(answers.map(({ status, url }) => ({ status, url }))).toEqual(
      answers.map(() => ({ status: 200, url: balance })),
    );
    await Promise.all(answers.map((answer) => answer.text()));
  });

  test("rejects what no fetch takes", async () => {
    const { fetch } = setup();
    await expect(fetch("/relative")).rejects.toThrow(TypeError);
    await expect(fetch("data:text/plain,x")).rejects.toThrow(/http and https/);
  });

  test("an abort before or at once after the call rejects with the signal's reason, and nothing arrives", async () => {
    const { emulator, fetch, balance } = setup();
    const reason = new Error("changed my mind");
    await expect(fetch(balance, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const answer = fetch(balance, { signal: controller.signal });
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await emulator.clock.advance(1);
    expect(emulator.requests).toEqual([]);
  });

  test("an abort after the head errors the body with the reason", async () => {
    const { emulator, fetch, balance, headers } = setup();
    const controller = new AbortController();
    const answer = await fetch(balance, { headers, signal: controller.signal });
    const reason = new Error("changed my mind");
    controller.abort(reason);
    await expect(answer.text()).rejects.toBe(reason);
    await emulator.clock.advance(1); // the exchange is over
  });
});

describe("time and exchanges", () => {
  test("time does not move between the head of an answer and the end of its body", async () => {
    const { emulator, fetch, balance, headers } = setup();
    const answer = await fetch(balance, { headers });
    const moved = emulator.clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(emulator.clock.elapsed()).toBe(0);
    await answer.text();
    await moved;
    expect(emulator.clock.elapsed()).toBe(1000);
  });

  test("cancelling a body ends the exchange as well", async () => {
    const { emulator, fetch, balance, headers } = setup();
    await (await fetch(balance, { headers })).body?.cancel();
    await emulator.clock.advance(1000);
    expect(emulator.clock.elapsed()).toBe(1000);
  });

  test("an answer that is not read is named instead of stopping time for ever", async () => {
    const { balance } = setup();
    const exchanges = createExchanges();
    const clock = createManualClock(exchanges, 300);
    await createFetch(async () => ({ how: "whole", response: new Response("x") }), exchanges)(balance);
    await expect(clock.advance(1000)).rejects.toThrow(
      /neither read nor cancelled: GET \/api\/v1\/apikeys\/current-balance/,
    );
  });

  test("a poll that races a deadline is never overtaken by it, in process or over a socket", async () => {
    const emulator = createEmulator({ clock: "manual" });
    const server = await emulator.listen();
    try {
      for (const calls of [apixoOf(emulator), client(server.for("apixo"))]) {
        const id = await calls.created(textToVideo);
        const poll = async () => {
          for (;;) {
            await emulator.clock.sleep(2_500);
            const answer = await calls.status(id);
            await crypto.subtle.digest("SHA-256", new Uint8Array(100_000));
            if (answer.body.data["state"] === "success") return urlOf(answer);
          }
        };
        // Each poll races a deadline that is due a moment after it began: time must not get there while it is open.
        const polls = 3;
        const race = async () => {
          for (let i = 0; i < polls; i++) {
            await emulator.clock.sleep(1000);
            const late = new AbortController();
            const deadline = emulator.clock.sleep(1, late.signal).then(
              () => "too late",
              () => "in time",
            );
            await calls.status(id);
            await crypto.subtle.digest("SHA-256", new Uint8Array(1000));
            late.abort();
            expect(await deadline).toBe("in time");
          }
        };
        await emulator.clock.until(Promise.all([poll(), race(), race()]));
      }
    } finally {
      await server.close();
    }
  });
});
