import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "../emulator.ts";
import { GONE } from "../network/reply.ts";
import { callerOf, isBack, met, patience, transports } from "../test/fault-helpers.ts";
import { textToVideo, turns } from "../test/helpers.ts";
import { createManualClock } from "../time/manual-clock.ts";
import { createExchanges } from "../time/open-exchanges.ts";
import type { Fault } from "./kinds.ts";
import type { FaultOptions } from "./options.ts";

const CHARGED = 1;
const FREE = 0;

const RESET = /^fetch failed <- ECONNRESET (read|write)$/;
const CLOSED = /^fetch failed <- UND_ERR_SOCKET$/;
const OK = /^200 \{"code":200,"message":"success","data":\{"taskId":"task_\d{8}"\}\}$/;

/** Of a submit: the fault, what the caller meets, and what the ledger says. */
const SUBMITS: [Omit<FaultOptions, "on"> & { kind: Fault }, RegExp, number][] = [
  [{ kind: "reset-before-read" }, RESET, FREE],
  [{ kind: "idle-408" }, /^408 Request Timeout$/, FREE],
  [{ kind: "reset-after-accept" }, RESET, CHARGED],
  [{ kind: "close-after-accept" }, CLOSED, CHARGED],
  [{ kind: "no-answer" }, /^TimeoutError$/, CHARGED],
  [{ kind: "no-answer", accepted: false }, /^TimeoutError$/, FREE],
  [
    { kind: "cut" },
    /^200 \{"code":200,"message":"success","data":\{"taskId":"task_\d{8}" \| terminated <- UND_ERR_SOCKET$/,
    CHARGED,
  ],
  [{ kind: "cut", at: 0 }, /^200 {2}\| terminated <- UND_ERR_SOCKET$/, CHARGED],
  [{ kind: "cut", at: 0.25 }, /^200 \{"code":200,"mes\S* \| terminated/, CHARGED],
  [{ kind: "cut-no-length" }, /^200 \{"code":200,"message":"success","data":\{"taskId":"task_\d{8}"$/, CHARGED],
  [{ kind: "cut-id" }, /^200 .*"taskId":"task_\d\d \| terminated <- UND_ERR_SOCKET$/, CHARGED],
  [{ kind: "empty" }, /^200$/, CHARGED],
  [{ kind: "empty", accepted: false }, /^200$/, FREE],
  [{ kind: "html-200" }, /^200 <html>/, CHARGED],
  [{ kind: "html-502" }, /^502 <html>/, FREE],
  [{ kind: "html-502", accepted: true }, /^502 <html>/, CHARGED],
  [{ kind: "302" }, /^302$/, FREE],
  [{ kind: "302", accepted: true }, /^302$/, CHARGED],
  [{ kind: "307" }, /^307$/, FREE],
  [{ kind: "404" }, /^404 \{"code":404/, FREE],
  [{ kind: "429" }, /^429 \{"code":429/, FREE],
  [{ kind: "500" }, /^500 \{"code":500/, FREE],
  [{ kind: "500", accepted: true }, /^500 \{"code":500/, CHARGED],
  [{ kind: "502" }, /^502 Bad Gateway$/, FREE],
  [{ kind: "502", accepted: true }, /^502 Bad Gateway$/, CHARGED],
  [{ kind: "503" }, /^503 \{"code":503/, FREE],
  [{ kind: "503", accepted: true }, /^503 \{"code":503/, CHARGED],
  [{ kind: "stuck" }, OK, CHARGED],
  [{ kind: "fail:CONTENT_VIOLATION" }, OK, CHARGED],
  [{ kind: "421" }, OK, CHARGED], // the runtime sends it again by itself, and that one is accepted
  [{ kind: "listener-gone", accepted: false }, RESET, FREE],
  [{ kind: "listener-gone" }, RESET, CHARGED],
];

let emulator: Emulator;
let server: EmulatorServer;
beforeAll(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
});
afterAll(() => server.close());

describe.each(transports)("a fault on a submit, %s", (transport) => {
  test.each(SUBMITS)("%j", async (fault, expected, charges) => {
    emulator.reset();
    const { submit, calls } = callerOf(emulator, server, transport);
    emulator.injectFault({ on: "submit", ...fault });
    expect(await met(submit(textToVideo, patience(fault.kind, emulator)))).toMatch(expected);
    expect(emulator.ledger).toHaveLength(charges);
    expect(emulator.requests[0]).toMatchObject({ method: "POST", fault: fault.kind });
    // The next one is well, once there is a listener again.
    if (fault.kind === "listener-gone") await isBack(server);
    await emulator.clock.advance(1);
    expect((await calls.submit(textToVideo)).status).toBe(200);
    expect(emulator.requests.at(-1)).not.toHaveProperty("fault");
  });
});

describe("a connection that has carried a request before", () => {
  test.each([
    [{ kind: "reset-reused" } as const, RESET, CHARGED],
    [{ kind: "reset-reused", accepted: false } as const, RESET, FREE],
    [{ kind: "idle-close" } as const, /ECONNRESET|UND_ERR_SOCKET/, FREE],
  ])("%j hits a POST on it, and no other", async (fault, expected, charges) => {
    const own = createEmulator({ clock: "manual" });
    const listening = await own.listen();
    own.injectFault({ on: "submit", ...fault });
    expect(await met(callerOf(own, listening, "in process").submit())).toMatch(OK);
    const { submit, calls } = callerOf(own, listening, "over a socket");
    expect(await met(submit())).toMatch(OK);
    expect((await calls.balance()).status).toBe(200);
    await turns(); // until the runtime has its connection back
    expect(await met(submit())).toMatch(expected);
    expect(own.ledger).toHaveLength(2 + charges);
    expect(own.requests.map((request) => request.fault)).toEqual([undefined, undefined, undefined, fault.kind]);
    await listening.close();
  });

  test("after its listener is gone, connecting fails for a moment", async () => {
    emulator.reset();
    emulator.injectFault({ on: "submit", kind: "listener-gone" });
    const { submit, get } = callerOf(emulator, server, "over a socket");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    expect(await met(submit())).toMatch(RESET);
    expect(await met(get("/apikeys/current-balance"))).toBe("fetch failed <- ECONNREFUSED connect");
    await vi.advanceTimersByTimeAsync(GONE);
    expect(await met(get("/apikeys/current-balance"))).toMatch(/^200 /);
  });
});

const exchanges = () => {
  const made = createExchanges();
  made.hangUps.add(() => {});
  return made;
};

describe.each(transports)("an answer that never comes, %s", (transport) => {
  test("holds time for half a second, and then no longer", async () => {
    emulator.reset();
    emulator.injectFault({ on: "submit", kind: "no-answer" });
    const controller = new AbortController();
    const sent = met(callerOf(emulator, server, transport).submit(textToVideo, { signal: controller.signal }));
    const woken = emulator.clock.sleep(60_000).then(() => controller.abort());
    await emulator.clock.until(woken);
    expect(await sent).toBe("AbortError");
  });

  test("leaves a caller with a short time-out of its own the time for it", async () => {
    emulator.reset();
    emulator.injectFault({ on: "submit", kind: "no-answer" });
    const before = emulator.clock.elapsed();
    void emulator.clock.sleep(60_000);
    const sent = met(callerOf(emulator, server, transport).submit(textToVideo, patience("no-answer", emulator)));
    expect(await emulator.clock.until(sent)).toBe("TimeoutError");
    expect(emulator.clock.elapsed()).toBe(before);
  });

  test("ends with reset", async () => {
    emulator.reset();
    emulator.injectFault({ on: "submit", kind: "no-answer" });
    const sent = met(callerOf(emulator, server, transport).submit(textToVideo));
    while (emulator.ledger.length === 0) await turns(1);
    await turns();
    emulator.reset();
    expect(await sent).toMatch(RESET);
  });
});

test("an answer that never comes is named when nothing else could settle what is waited for", async () => {
  const clock = createManualClock(exchanges(), 50);
  await expect(clock.until(new Promise(() => {}))).rejects.toThrow(/without an answer .* short requestTimeout/);
});

test("close ends an answer that never comes", async () => {
  const own = createEmulator();
  const listening = await own.listen();
  own.injectFault({ on: "submit", kind: "no-answer" });
  const sent = met(callerOf(own, listening, "over a socket").submit(textToVideo));
  while (own.ledger.length === 0) await turns(1);
  await turns();
  await listening.close();
  expect(await sent).toMatch(/^fetch failed/);
});

describe.each(transports)("a redirect, %s", (transport) => {
  test("is followed as asked: a 307 sends the POST twice, a 302 makes it a GET", async () => {
    emulator.reset();
    const { submit } = callerOf(emulator, server, transport);
    const log = () => emulator.requests.map(({ method, status }) => `${method} ${status}`);
    emulator.injectFault({ on: "submit", kind: "307", accepted: true });
    expect(await met(submit(textToVideo, { redirect: "follow" }))).toMatch(OK);
    expect(log()).toEqual(["POST 307", "POST 200"]);
    expect(emulator.ledger).toHaveLength(2);
    emulator.reset();
    emulator.injectFault({ on: "submit", kind: "302" });
    expect(await met(submit(textToVideo, { redirect: "follow" }))).toMatch(/^404 /);
    expect(log()).toEqual(["POST 302", "GET 404"]);
    expect(emulator.ledger).toHaveLength(0);
    emulator.injectFault({ on: "submit", kind: "307" });
    expect(await met(submit(textToVideo, { redirect: "error" }))).toBe("fetch failed <- unexpected redirect");
    emulator.injectFault({ on: "submit", kind: "307", times: Infinity });
    expect(await met(submit(textToVideo, { redirect: "follow" }))).toBe("fetch failed <- redirect count exceeded");
  });

  test("may lead elsewhere", async () => {
    emulator.reset();
    emulator.injectFault({ on: "submit", kind: "302", location: "http://10.0.0.1/x" });
    const answer = await callerOf(emulator, server, transport).submit();
    await answer.text();
    expect(answer.headers.get("location")).toBe("http://10.0.0.1/x");
  });
});

test.each(transports)("Retry-After comes when asked for, with the date of the answer, %s", async (transport) => {
  emulator.reset();
  const { submit } = callerOf(emulator, server, transport);
  const date = new Date(emulator.clock.now()).toUTCString();
  for (const [kind, retryAfter, expected] of [
    ["429", 7, "7"],
    ["503", date, date],
    ["429", undefined, null],
  ] as const) {
    emulator.injectFault({ on: "submit", kind, retryAfter });
    const answer = await submit();
    await answer.text();
    expect(answer.status).toBe(Number(kind));
    expect(answer.headers.get("retry-after")).toBe(expected);
    if (retryAfter !== undefined) expect(answer.headers.get("date")).toBe(date);
  }
});
