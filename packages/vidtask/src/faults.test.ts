// The tables of what goes wrong: every fault of a submit and of a poll, at every vendor, in process and over a socket.
// Each run writes them as markdown to .reports/faults.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createEmulator, type Emulator } from "@vidtask/emulator";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  VidtaskError,
  type ClientOptions,
  type VideoClient,
  type VideoRequest,
  type VidtaskEvent,
} from "./index.ts";

type Fault = Parameters<Emulator["injectFault"]>[0];
type Create = (options: ClientOptions) => VideoClient;

const vendors: Record<string, { create: Create; request: VideoRequest }> = {
  apixo: { create: createApixo as Create, request: { model: "kling-2-6", prompt: "a waterfall" } },
  aivideoapi: {
    create: createAIVideoAPI as Create,
    request: { model: "kling-2.6", prompt: "it moves", image: "https://example.com/a.png" },
  },
  apimodels: { create: createAPIModels as Create, request: { model: "kling-v2-6", prompt: "a waterfall" } },
};
const names = Object.keys(vendors);
const transports = ["in process", "over a socket"] as const;
type Transport = (typeof transports)[number];

const HOURS = 24 * 3_600_000;

/** Time for one exchange. It is real time, and too short on a busy machine whatever it is: it runs out when a test says so. */
const PATIENCE = 120_000;
const timeOuts: (() => void)[] = [];
beforeAll(() => {
  const real = setTimeout;
  const noted = (run: () => void, ms = 0, ...rest: []) => {
    if (Math.abs(ms - PATIENCE) < 1_000) timeOuts.push(run);
    return real(run, ms, ...rest);
  };
  vi.stubGlobal("setTimeout", Object.assign(noted, real));
});
afterAll(() => void vi.unstubAllGlobals());

/** Lets the time of an exchange run out once the vendor has read it, and done what it will do, and leaves it unanswered. */
async function loseAnswer(isDone: () => boolean): Promise<void> {
  while (!isDone()) await turn();
  for (const runOut of timeOuts.splice(0)) runOut();
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function setUp(vendor: string, transport: Transport, options: ClientOptions = {}) {
  const emulator = createEmulator({ clock: "manual", vendors: [vendor] });
  const server = transport === "over a socket" ? await emulator.listen() : undefined;
  if (server) onTestFinished(() => server.close());
  const events: VidtaskEvent[] = [];
  const { create, request } = vendors[vendor]!;
  const given = (server ?? emulator).for(vendor);
  const client = create({
    ...given,
    requestTimeout: PATIENCE,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  // As in real life: there is a kept-alive connection that a careless POST would go out on.
  await client.balance?.();
  const posts = () => emulator.requests.filter(({ method }) => method === "POST").length;
  const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").length;
  timeOuts.length = 0;
  return { emulator, client, request, events, posts, charges };
}

const markdown = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => "---"), ...rows.map((row) => head.map((_, column) => row[column] ?? ""))]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");

const written: string[] = [];
afterAll(() => {
  const folder = join(import.meta.dirname, "..", ".reports");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "faults.md"), written.join("\n\n"));
});

/** What the caller meets: the task, or everything an error says to a program. */
async function met(work: Promise<{ state: string }>): Promise<string> {
  const error: unknown = await work.then(
    ({ state }) => state,
    (thrown: unknown) => thrown,
  );
  if (typeof error === "string") return error;
  if (!VidtaskError.isInstance(error)) throw error;
  return [error.name, error.code, error.billed, error.retryable].join(" ");
}

const UNKNOWN = "SubmitUnknownError submit_unknown unknown false";
const refused = (code: string) => `VendorError ${code} no false`;

/** Fault: paid POSTs that left, charges, what the caller meets. `idle-close` and `reset-reused` need a reused connection. */
const submits: Record<string, [fault: Omit<Fault, "on">, expected: string]> = {
  "reset before it is read": [{ kind: "reset-before-read" }, `1 0 ${UNKNOWN}`],
  "reset after acceptance": [{ kind: "reset-after-accept" }, `1 1 ${UNKNOWN}`],
  "closed after acceptance": [{ kind: "close-after-accept" }, `1 1 ${UNKNOWN}`],
  "a reused connection, reset after reading": [{ kind: "reset-reused" }, "1 1 pending"],
  "a reused connection, closed as idle": [{ kind: "idle-close" }, "1 1 pending"],
  "listener gone after reading": [{ kind: "listener-gone" }, `1 1 ${UNKNOWN}`],
  "listener gone after refusing": [{ kind: "listener-gone", accepted: false }, `1 0 ${UNKNOWN}`],
  "no answer": [{ kind: "no-answer" }, `1 1 ${UNKNOWN}`],
  "body cut behind the id": [{ kind: "cut" }, "1 1 pending"],
  "body cut behind the id, no length": [{ kind: "cut-no-length" }, "1 1 pending"],
  "body cut in the id": [{ kind: "cut-id" }, `1 1 ${UNKNOWN}`],
  "body cut before the id": [{ kind: "cut", at: 0.05 }, `1 1 ${UNKNOWN}`],
  "empty 200": [{ kind: "empty" }, `1 1 ${UNKNOWN}`],
  "HTML with 200": [{ kind: "html-200" }, `1 1 ${UNKNOWN}`],
  "HTML with 502": [{ kind: "html-502" }, `1 0 ${UNKNOWN}`],
  "HTML with 502, accepted": [{ kind: "html-502", accepted: true }, `1 1 ${UNKNOWN}`],
  "a 302": [{ kind: "302" }, `1 0 ${UNKNOWN}`],
  "a 307": [{ kind: "307" }, `1 0 ${refused("unknown")}`],
  "a 404": [{ kind: "404" }, `1 0 ${refused("not_found")}`],
  "idle 408": [{ kind: "idle-408" }, `1 0 ${UNKNOWN}`],
  "a 429": [{ kind: "429" }, "2 1 pending"],
  "429, Retry-After 60": [{ kind: "429", retryAfter: 60 }, "2 1 pending"],
  "429, Retry-After 600": [{ kind: "429", retryAfter: 600 }, "1 0 VendorError rate_limited no true"],
  "429 for ever": [{ kind: "429", times: Infinity }, "n 0 VendorError rate_limited no true"],
  "a 500": [{ kind: "500" }, `1 0 ${UNKNOWN}`],
  "500, accepted": [{ kind: "500", accepted: true }, `1 1 ${UNKNOWN}`],
  "a 502": [{ kind: "502" }, `1 0 ${UNKNOWN}`],
  "a 503": [{ kind: "503" }, `1 0 ${UNKNOWN}`],
  "503, Retry-After 1, accepted": [{ kind: "503", retryAfter: 1, accepted: true }, `1 1 ${UNKNOWN}`],
};

describe.each(names)("a submit to %s", (vendor) => {
  test.each(transports)("%s: what left, what was charged, what the caller is told", async (transport) => {
    const rows: string[][] = [];
    for (const [name, [fault, expected]] of Object.entries(submits)) {
      const { emulator, client, request, posts, charges } = await setUp(vendor, transport);
      emulator.injectFault({ on: "submit", ...fault } as Fault);
      if (fault.kind === "no-answer") void loseAnswer(() => charges() === 1);
      // What never passes is tried for as long as this says.
      const options = { idempotencyKey: "k", ...(fault.times === Infinity ? { submitTimeout: 20_000 } : {}) };
      const told = await met(emulator.clock.until(client.submit(request, options)));
      const left = posts();
      rows.push([
        name,
        expected.startsWith("n ") && left > 1 ? "n" : String(left),
        String(charges()),
        ...told.split(" "),
      ]);
      // Whatever it was: the same key once more never adds a second charge.
      const again = client.submit(request, options).catch(() => {});
      await emulator.clock.until(again);
      expect(charges() <= 1, `${name}`).toBe(true);
      if (told === UNKNOWN) expect([name, posts()]).toEqual([name, left]);
    }
    const head = ["fault", "POSTs", "charges", "what the caller meets", "code", "billed", "retryable"];
    written.push(`## ${vendor}, submit, ${transport}\n\n${markdown(head, rows)}`);
    expect(rows.map(([name, ...told]) => `${name}: ${told.join(" ")}`)).toEqual(
      Object.entries(submits).map(([name, [, expected]]) => `${name}: ${expected}`),
    );
  });

  test("a closed port: nothing left, and the error says so", async () => {
    const { emulator, request } = await setUp(vendor, "in process");
    const closed = createServer().listen(0, "127.0.0.1");
    const { port } = await new Promise<AddressInfo>((resolve) =>
      closed.once("listening", () => resolve(closed.address() as AddressInfo)),
    );
    await new Promise((resolve) => closed.close(resolve));
    const { fetch: _, ...given } = emulator.for(vendor);
    const client = vendors[vendor]!.create({ ...given, baseUrl: `http://127.0.0.1:${port}/v1` });
    expect(await met(emulator.clock.until(client.submit(request)))).toBe("ConnectionError connection no true");
  });

  // Node's fetch sends again by itself after a 421, and so does the emulator's; the client's own connection does not.
  test.each([
    ["in process", { ending: "pending", posts: 2, charges: 1 }],
    ["over a socket", { ending: "VendorError unknown no false", posts: 1, charges: 0 }],
  ] as const)("%s, what a 421 comes to", async (transport, wanted) => {
    const { emulator, client, request, posts, charges } = await setUp(vendor, transport);
    emulator.injectFault({ on: "submit", kind: "421" });
    const ending = await met(emulator.clock.until(client.submit(request)));
    expect({ ending, posts: posts(), charges: charges() }).toEqual(wanted);
  });
});

const gone: [times: number, error: string] = [3, "ConnectionError connection"];
const garbled: [times: number, error: string] = [3, "ProtocolError protocol"];
const said = (code: string): [times: number, error: string] => [3, `VendorError ${code}`];

/** Fault, three times in a row on the polls of a task: how many faults the caller sees, and as what. */
const polls: Record<string, [fault: Omit<Fault, "on">, seen: [times: number, error: string]]> = {
  "reset before it is read": [{ kind: "reset-before-read" }, gone],
  "reset after it was read": [{ kind: "reset-after-accept" }, gone],
  "closed after it was read": [{ kind: "close-after-accept" }, gone],
  // Once: nothing but its time-out ends it.
  "no answer, once": [{ kind: "no-answer", times: 1 }, [1, "ConnectionError connection"]],
  "cut body": [{ kind: "cut" }, garbled],
  "cut body, no length": [{ kind: "cut-no-length" }, garbled],
  "empty 200": [{ kind: "empty" }, garbled],
  "HTML with 200": [{ kind: "html-200" }, garbled],
  "HTML with 502": [{ kind: "html-502" }, said("upstream")],
  "a 302": [{ kind: "302" }, said("unknown")],
  "a 307": [{ kind: "307" }, said("unknown")],
  "early 404": [{ kind: "404" }, said("not_found")],
  "idle 408": [{ kind: "idle-408" }, said("timeout")],
  "a 429": [{ kind: "429" }, said("rate_limited")],
  "429, Retry-After 20": [{ kind: "429", retryAfter: 20 }, said("rate_limited")],
  "a 500": [{ kind: "500" }, said("internal")],
  "a 502": [{ kind: "502" }, said("upstream")],
  "a 503": [{ kind: "503" }, said("upstream")],
  "unknown state": [{ kind: "unknown-state" }, garbled],
};

describe.each(names)("a wait at %s", (vendor) => {
  test.each(transports)("%s: survives every fault three times in a row, and tells of each", async (transport) => {
    const rows: string[][] = [];
    for (const [name, [fault]] of Object.entries(polls)) {
      const { emulator, client, request, events } = await setUp(vendor, transport);
      const task = await client.submit(request);
      emulator.injectFault({ on: "poll", times: 3, ...fault } as Fault);
      if (fault.kind === "no-answer")
        void loseAnswer(() => emulator.requests.some((entry) => entry.fault === "no-answer"));
      const told = await met(
        emulator.clock.until(client.wait(task, { poll: { first: 0, interval: 30_000 }, waitTimeout: HOURS })),
      );
      const faults = events.flatMap((event) => (event.type === "fault" ? [event] : []));
      const errors = faults.map(({ error }) => `${String(error?.["name"])} ${String(error?.["code"])}`);
      rows.push([name, String(faults.length), ...new Set(errors), told]);
      for (const { ref, error, waitMs } of faults)
        expect([name, ref?.id, (error?.["ref"] as { id?: string } | undefined)?.id, typeof waitMs]).toEqual([
          name,
          task.id,
          task.id,
          "number",
        ]);
    }
    const head = ["fault, three times", "faults told", "as", "the wait"];
    written.push(`## ${vendor}, polls, ${transport}\n\n${markdown(head, rows)}`);
    expect(rows.map((row) => row.join(" "))).toEqual(
      Object.entries(polls).map(([name, [, seen]]) => [name, ...seen, "succeeded"].join(" ")),
    );
  });

  test.each(transports)("%s: ends with what is an end, and names the task", async (transport) => {
    const ends: Record<string, [fault: Fault, told: string]> = {
      "a stuck task": [{ on: "poll", kind: "stuck" }, "WaitTimeoutError wait_timeout unknown true"],
      "a task that is gone": [{ on: "poll", kind: "404", times: Infinity }, "VendorError not_found unknown false"],
    };
    for (const [name, [fault, expected]] of Object.entries(ends)) {
      const { emulator, client, request } = await setUp(vendor, transport);
      const task = await client.submit(request);
      emulator.injectFault(fault);
      const waiting = emulator.clock.until(client.wait(task, { waitTimeout: 300_000 }));
      expect(await met(waiting.then((done) => done)), `${name}`).toBe(expected);
      expect(await waiting.catch((error: unknown) => (error as VidtaskError).ref?.id)).toBe(task.id);
    }
  });

  test.each(transports)(
    "%s: an abort settles it in the same turn of the event loop, in its sleep and while a poll is open",
    async (transport) => {
      const { emulator, client, request } = await setUp(vendor, transport);
      const task = await client.submit(request);
      for (const isOpen of [false, true]) {
        const controller = new AbortController();
        if (isOpen) emulator.injectFault({ on: "poll", kind: "no-answer" });
        const poll = { first: isOpen ? 0 : 60_000 };
        const waiting = met(client.wait(task, { signal: controller.signal, poll }));
        const isAsked = () => emulator.requests.some((entry) => entry.fault === "no-answer");
        do await turn();
        while (isOpen && !isAsked());
        controller.abort();
        const late = turn().then(() => "late");
        expect(await Promise.race([waiting, late])).toBe("AbortError aborted unknown true");
      }
      emulator.reset();
    },
  );
});
