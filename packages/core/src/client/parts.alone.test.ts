// Parts of the client that cannot be loaded: nothing is lost by it, and none is asked for once a paid request is on its way.
import { beforeEach, expect, test, vi } from "vitest";
import { callback, durableJournal } from "../test/acme-callbacks.ts";
import { accepted, acme, acmeClient, done, ref, request } from "../test/acme.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const { log, missing, fragile } = vi.hoisted(() => {
  const log: string[] = [];
  const missing = new Set<string>();
  /** A part that is noted when it is asked for, and is missing while it is named so. */
  const fragile =
    (name: string, load: () => Promise<object>) =>
    async (about: { vendor: string; phase: "poll" }): Promise<object> => {
      const { part } = await import("../context/part.ts");
      const get = part(() => {
        log.push(name);
        return missing.has(name) ? Promise.reject(new Error("no such file, Bearer vt-0123456789")) : load();
      });
      return get(about);
    };
  return { log, missing, fragile };
});
vi.mock("./parts.ts", () => ({
  calls: fragile("calls", () => import("./calls.ts")),
  rareCalls: fragile("rare calls", () => import("./rare-calls.ts")),
}));
vi.mock("../submit/parts.ts", () => ({
  filesPart: fragile("files", () => import("../submit/files.ts")),
  signingPart: fragile("signing", () => import("../callback/url.ts")),
}));

vi.mock("../submit/recovery-part.ts", () => ({
  recoveryPart: fragile("recovery", () => import("../submit/recovery.ts")),
}));

beforeEach(() => {
  log.length = 0;
  missing.clear();
});

const idempotencyKey = "order-1";
const file = new Blob(["x"], { type: "image/png" });
const upload = async () => "https://files.test/x.png";
const everything = { ...acme, find: { call: () => ({ path: "/list" }), read: () => [] } };

async function all(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

type Acme = ReturnType<typeof acmeClient>["client"];
const ask: { [call: string]: [part: string, call: (client: Acme) => Promise<unknown>] } = {
  submit: ["calls", (client) => client.submit(request, { idempotencyKey })],
  generate: ["calls", (client) => client.generate(request, { idempotencyKey })],
  get: ["calls", (client) => client.get(ref)],
  wait: ["calls", (client) => client.wait(ref)],
  watch: ["calls", (client) => all(client.watch(ref))],
  resume: ["rare calls", (client) => all(client.resume())],
  "submit of a file": ["files", (client) => client.submit({ ...request, image: file }, { idempotencyKey })],
  "submit that can be found": ["recovery", (client) => client.submit(request, { idempotencyKey })],
  "submit with a callback": ["signing", (client) => client.submit(request, { idempotencyKey })],
};
const vendor: Step = (seen) => (seen.method === "POST" ? accepted(seen) : done(seen));

test.each(Object.entries(ask))(
  "%s: its part is missing: an error, nothing sent, and it works when it is there",
  async (_, [name, call]) => {
    missing.add(name);
    const journal = durableJournal();
    const { client, seen } = acmeClient([vendor], { journal, callback, upload }, everything);
    const error = await errorOf(call(client));
    expect(error).toMatchObject({ code: "connection", retryable: true, vendor: "acme" });
    expect(String(error)).toMatch(
      /^ConnectionError: a part of vidtask could not be loaded \(no such file, .*\); nothing was sent or changed: try again$/,
    );
    expect(`${JSON.stringify(error)}${String(error)}`).not.toContain("0123456789");
    if (name !== "calls" && name !== "rare calls") expect(error).toMatchObject({ billed: "no", idempotencyKey });
    expect(seen).toEqual([]);
    expect((await journal.get(idempotencyKey))?.state ?? "refused").toBe("refused");
    missing.clear();
    await call(client);
    expect(seen.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(1);
  },
);

test("every part of a submit is there before its row says that it is sending", async () => {
  const journal = durableJournal();
  const states: typeof journal = {
    ...journal,
    begin: async (entry) => (log.push(entry.state), journal.begin(entry)),
    update: async (key, version, patch, row) => (log.push(patch.state ?? ""), journal.update(key, version, patch, row)),
  };
  const { client } = acmeClient([vendor], { journal: states, callback, upload }, everything);
  await client.submit({ ...request, image: file }, { idempotencyKey });
  expect(log).toEqual(["calls", "signing", "recovery", "begun", "files", "sending", "accepted"]);
});

test("an abort ends a call whose part does not come, and nothing is sent", async () => {
  const hanging = new AbortController();
  const { client, seen } = acmeClient([answer(200)]);
  const { signal } = hanging;
  const all = [client.submit(request, { signal }), client.get(ref, { signal }), client.wait(ref, { signal })];
  hanging.abort();
  for (const one of all) expect(await errorOf(one)).toMatchObject({ code: "aborted" });
  expect(seen).toEqual([]);
});
