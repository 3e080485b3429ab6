// `npm run contracts:live` with the emulator standing in for the vendor, as it is and drifted on purpose.
import { text } from "node:stream/consumers";
import { createEmulator } from "@vidtask/emulator";
import { expect, onTestFinished, test } from "vitest";
import { checksOf, type Contract } from "./live/checks.ts";
import { live } from "./live/command.ts";
import { authorizationOf, forwardTo, serve } from "./live/forward.ts";
import { readContract } from "./live/run.ts";

const KEY = "the-real-key-0123456789";
const ENV = { APIXO_API_KEY: KEY, AIVIDEOAPI_API_KEY: KEY, APIMODELS_API_KEY: KEY };
const BASE_PATH = { apixo: "/api/v1", aivideoapi: "/v1", apimodels: "/api/v1" };
type Vendor = keyof typeof BASE_PATH;
const vendors = Object.keys(BASE_PATH) as Vendor[];

type Sent = { method: string; path: string; authorization: string | undefined; body: string };
type Change = (response: Response, sent: Sent) => Response | Promise<Response>;

/** A vendor: the emulator under a key of our own, seen from the wire, with its answers changed. */
async function standIn(vendor: Vendor, change: Change = (response) => response) {
  const emulator = createEmulator({ vendors: [vendor] });
  const { apiKey } = emulator.for(vendor);
  const seen: Sent[] = [];
  const { url, close } = await serve(async (request, response) => {
    const { method = "", url: path = "", headers } = request;
    const body = await text(request);
    const sent = { method, path, authorization: headers.authorization, body };
    seen.push(sent);
    const answer = await change(
      await emulator.fetch(`https://vendor.test${path}`, {
        method,
        headers: {
          authorization: headers.authorization === `Bearer ${KEY}` ? `Bearer ${apiKey}` : `${headers.authorization}`,
          "content-type": headers["content-type"] ?? "",
        },
        ...(body && { body }),
      }),
      sent,
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  onTestFinished(close);
  return { url, baseUrl: url + BASE_PATH[vendor], seen, emulator };
}

async function run(args: string[], env: NodeJS.ProcessEnv = ENV) {
  const lines: string[] = [];
  const code = await live(args, { env, say: (line) => void lines.push(line) });
  const output = lines.join("\n");
  expect(output).not.toContain(KEY);
  return { code, output };
}

/** Changes the answers to these requests: their body as JSON, or their status. */
const where =
  (
    matches: (sent: Sent) => boolean,
    change: { status?: number; json?: (body: Record<string, unknown>) => unknown },
  ): Change =>
  async (response, sent) => {
    if (!matches(sent)) return response;
    const body = await response.text();
    const { status = response.status, json } = change;
    return new Response(json ? JSON.stringify(json(JSON.parse(body) as Record<string, unknown>)) : body, {
      status,
      headers: response.headers,
    });
  };
const isRead = (path: string) => (sent: Sent) =>
  sent.method === "GET" && sent.path.includes(path) && sent.authorization === `Bearer ${KEY}`;

test.each(vendors)(
  "%s as its pages have it: everything holds, no task is made, and no submit has the key",
  async (vendor) => {
    const { baseUrl, seen, emulator } = await standIn(vendor);
    const { code, output } = await run(["--vendor", vendor, "--base-url", baseUrl]);
    expect(output).toMatch(/^[6-9] held, 0 drifted, 0 without a verdict$/m);
    expect(code).toBe(0);
    expect(emulator.ledger).toEqual([]);
    const withKey = seen.filter(({ authorization }) => authorization?.includes(KEY));
    expect(withKey.map(({ method }) => method)).toEqual(["GET", "GET"]);
    const submits = seen.filter(({ method }) => method === "POST");
    expect(submits.length).toBeGreaterThanOrEqual(3);
    for (const { authorization } of submits) expect(authorization).toMatch(/^Bearer (sk[-_])?invalid-key$/);
  },
);

test("every contract has an unknown key, a submit that lacks a field, an unknown task and a balance to ask for", () => {
  for (const vendor of vendors) {
    const checks = checksOf(readContract(vendor));
    const what = checks.map(({ key, ways: [way] }) => `${key} ${way?.request.method} ${way?.response.status}`);
    expect(what).toEqual(expect.arrayContaining(["wrong GET 401", "wrong POST 401", "yours GET 404", "yours GET 200"]));
    expect(checks.some(({ ways }) => ways.length === 2)).toBe(true);
    expect(checks.filter(({ key }) => key === "yours").every(({ ways: [way] }) => way?.request.method === "GET")).toBe(
      true,
    );
  }
});

const drifts: [string, Vendor, Change, string[]][] = [
  [
    "another status for an unknown task",
    "apixo",
    where(isRead("statusTask"), { status: 200 }),
    ["DRIFTED     a status read of an unknown task", "status: expected 404 but was 200"],
  ],
  [
    "a field under another name",
    "apimodels",
    where(isRead("balance"), {
      json: ({ data, ...rest }) => {
        const { frozen, ...others } = data as Record<string, unknown>;
        return { ...rest, data: { ...others, reserved: frozen } };
      },
    }),
    ["DRIFTED     a balance read", "body $.data: Actual map is missing the following keys: frozen"],
  ],
  [
    "a number that has become a text",
    "apixo",
    where(isRead("balance"), { json: (body) => ({ ...body, data: "74.87" }) }),
    ["DRIFTED     a balance read", "body $.data:"],
  ],
  [
    "an error without its code",
    "aivideoapi",
    where((sent) => sent.method === "POST", { json: () => ({ error: { message: "no" } }) }),
    ["DRIFTED     a submit with an unknown key", "body $.error: Actual map is missing the following keys: code, type"],
  ],
  [
    "a submit that is accepted under a wrong key",
    "apixo",
    where((sent) => sent.method === "POST", { status: 200 }),
    ["DRIFTED     a submit with an unknown key", "status: expected 401 but was 200", "refused for what it lacks:"],
  ],
];

test.each(drifts)("%s at %s is a drift, named with its interaction", async (_, vendor, change, expected) => {
  const { baseUrl } = await standIn(vendor, change);
  const { code, output } = await run(["--vendor", vendor, "--base-url", baseUrl]);
  for (const words of expected) expect(output).toContain(words);
  expect(code).toBe(1);
});

test("a vendor may look at the fields before it looks at the key", async () => {
  const first = { code: 400, message: "Invalid request", data: { error: "Missing required field: input.prompt" } };
  const lacksPrompt = ({ method, body }: Sent) => method === "POST" && !body.includes('"prompt"');
  const change = where(lacksPrompt, { status: 400, json: () => first });
  const { baseUrl } = await standIn("apixo", change);
  const { code, output } = await run(["--vendor", "apixo", "--base-url", baseUrl]);
  expect(output).toContain("held        a submit without its prompt");
  expect(code).toBe(0);
});

test("a key that the vendor refuses, a rate limit and an outage are no drift, and no success", async () => {
  for (const [status, words] of [
    [401, "the vendor refuses your key for this; is APIXO_API_KEY right?"],
    [429, "the vendor is busy or down"],
    [503, "the vendor is busy or down"],
  ] as const) {
    const { baseUrl } = await standIn("apixo", where(isRead("balance"), { status }));
    const { code, output } = await run(["--vendor", "apixo", "--base-url", baseUrl]);
    expect(output).toContain(`${status}: ${words}`);
    expect(code).toBe(3);
  }
});

test("a closed address is no verdict", async () => {
  const { url, close } = await serve(() => {});
  await close();
  const { code, output } = await run(["--vendor", "apixo", "--base-url", url]);
  expect(output).toContain("0 held, 0 drifted, 6 without a verdict");
  expect(output).toContain("no answer: connect ECONNREFUSED");
  expect(code).toBe(3);
});

test("a vendor that does not answer is given up after the time-out", async () => {
  const { url, close } = await serve(() => {});
  onTestFinished(close);
  const { code, output } = await run(["--vendor", "apixo", "--base-url", url, "--timeout", "0.05"]);
  expect(output).toContain("no answer within 0.05 s");
  expect(code).toBe(3);
});

test("a redirect is told, not followed", async () => {
  const { url: elsewhere, seen } = await standIn("apixo");
  const moved = () => new Response(null, { status: 307, headers: { location: elsewhere } });
  const { baseUrl } = await standIn("apixo", moved);
  const { code, output } = await run(["--vendor", "apixo", "--base-url", baseUrl]);
  expect(output).toContain("status: expected 401 but was 307");
  expect(code).toBe(1);
  expect(seen).toEqual([]);
});

test("without a key nothing is sent, and what would be is said", async () => {
  const { baseUrl, seen } = await standIn("apixo");
  const { code, output } = await run(["--vendor", "apixo", "--base-url", baseUrl], {});
  expect(output).toContain("APIXO_API_KEY is not set");
  expect(output).toContain("a submit without its prompt (POST /api/v1/generateTask/kling-2-6, a wrong key)");
  expect(code).toBe(0);
  expect(seen).toEqual([]);
  const all = await run(["--vendor", "all"], {});
  expect(all.output).toContain("APIMODELS_API_KEY is not set");
  expect(all.code).toBe(0);
});

test.each([
  [[], "--vendor: one of"],
  [["--vendor", "unheard-of"], "--vendor: one of"],
  [["--vendor", "apixo", "--base-url", "http://api.example.com"], "--base-url: an https URL"],
  [["--vendor", "all", "--base-url", "https://api.example.com"], "--base-url: with one vendor only"],
  [["--vendor", "apixo", "--timeout", "soon"], "--timeout: seconds"],
  [["--nonsense"], "Unknown option '--nonsense'"],
])("%j is misuse", async (args, words) => {
  const { code, output } = await run(args);
  expect(output).toContain(words);
  expect(code).toBe(2);
});

test("a key that no header can carry is misuse, and is not shown", async () => {
  const { code, output } = await run(["--vendor", "apixo"], { APIXO_API_KEY: `${KEY}\nx` });
  expect(output).toContain("APIXO_API_KEY: visible ASCII without spaces");
  expect(code).toBe(2);
});

test("the key goes into reads only, whatever the contract says", async () => {
  expect(authorizationOf("GET", "Bearer sk-valid-key", KEY)).toBe(`Bearer ${KEY}`);
  expect(authorizationOf("POST", "Bearer sk-invalid-key", KEY)).toBe("Bearer sk-invalid-key");
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "get", "QUERY", ""])
    expect(authorizationOf(method, "Bearer valid-key", KEY)).toBeUndefined();
  for (const written of ["", "valid-key", `Bearer ${KEY}`, "Bearer valid-key2", "Bearer invalid-key, Bearer valid-key"])
    expect(authorizationOf("GET", written, KEY)).toBeUndefined();
});

test("a submit that asks for the real key does not leave, and an answer that repeats the key is without it", async () => {
  const { baseUrl, seen } = await standIn("apixo", () => new Response(`{"message":"hello ${KEY}"}`));
  const forwarder = await forwardTo({ baseUrl, basePath: "/api/v1", key: KEY, timeoutMs: 5_000 });
  onTestFinished(forwarder.close);
  const ask = (method: string, path: string) =>
    fetch(forwarder.url + path, { method, headers: { authorization: "Bearer valid-key", "x-vidtask-way": "0" } });
  const refused = await ask("POST", "/api/v1/generateTask/kling-2-6");
  expect(refused.status).toBe(599);
  expect(seen).toEqual([]);
  expect(forwarder.answers.get(0)?.problem).toContain("not sent");
  expect((await ask("GET", "/other/path")).status).toBe(599);
  const read = await ask("GET", "/api/v1/apikeys/current-balance");
  expect(await read.text()).toBe('{"message":"hello ***"}');
  expect(seen).toHaveLength(1);
});

test("a submit of a contract that is about to be accepted is never asked for", () => {
  const contract: Contract = readContract("apixo");
  const asked = checksOf(contract).flatMap(({ ways }) => ways);
  expect(asked.filter(({ request, response }) => request.method !== "GET" && response.status < 400)).toEqual([]);
});
