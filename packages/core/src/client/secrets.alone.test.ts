// What a client holds and what a vendor writes back: nothing that a program can print shows a secret.
import assert from "node:assert";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { contextOf } from "../context/context.ts";
import type { ClientOptions } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { acmeClient, ref, request } from "../test/acme.ts";
import { collect } from "../testing/journal-suite.ts";
import { answer, type Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import { createReceiver } from "./functions.ts";
import { membersOf, settingsOf } from "./members.ts";

const KEY = "sk-live/9a+Zb=7Q.x";
const SECRETS = ["a first secret, of 32 bytes or more.", "a second secret, of 32 bytes or more"];
const callback = { url: "https://app.test/cb?token=of-the-users-own", secret: SECRETS };
const hidden = [KEY, ...SECRETS, "of-the-users-own"];

const keyed = (steps: readonly Step[] = [], options: ClientOptions = {}) =>
  acmeClient(steps, { apiKey: KEY, callback, ...options });

/** Every text that a look at an object comes to: names and values, also hidden and inherited ones, and what getters say. */
function textsIn(root: unknown): string {
  const seen = new Set<unknown>();
  const texts: string[] = [];
  const look = (value: unknown): void => {
    texts.push(typeof value === "symbol" ? String(value) : typeof value === "string" ? value : "");
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Map || value instanceof Set) for (const one of value) look(one);
    for (let owner: object | null = value; owner; owner = Object.getPrototypeOf(owner) as object | null)
      for (const name of Reflect.ownKeys(owner)) {
        look(name);
        try {
          look(Reflect.get(owner, name, value));
        } catch {
          // A getter that is not for this object.
        }
      }
  };
  look(root);
  return texts.join("\n");
}

const printed = (value: unknown): string => {
  const json = () => {
    try {
      return JSON.stringify(value) ?? "";
    } catch {
      return ""; // a circle
    }
  };
  const views = [false, true].flatMap((showHidden) =>
    [false, true].map((customInspect) =>
      inspect(value, {
        depth: null,
        getters: true,
        maxArrayLength: null,
        maxStringLength: null,
        showHidden,
        customInspect,
      }),
    ),
  );
  return [...views, json(), textsIn(value)].join("\n");
};

function diffOf(value: unknown): string {
  try {
    assert.deepStrictEqual(value, { other: "thing" });
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

const held: [string, () => unknown][] = [
  ["a client", () => keyed().client],
  ["a copy of a client", () => ({ ...keyed().client })],
  ["what a router is made of", () => membersOf(keyed().client)],
  ["the inside of a client", () => contextOf(settingsOf(keyed().client))],
  ["a receiver", () => createReceiver({ clients: [keyed().client], onTask: () => {} })],
  ["a wait that has not begun", () => keyed().client.watch(ref)],
  ["what was open, being resumed", () => keyed().client.resume()],
  [
    "a journal that was used",
    async () => {
      const journal = memoryJournal();
      await keyed([answer(200, { id: "t1" })], { journal }).client.submit(request);
      return { journal, rows: await collect(journal.list()) };
    },
  ],
];

test.each(held)("%s shows no secret, however it is printed", async (_name, make) => {
  const value: unknown = await make();
  const shown = printed(value) + diffOf(value);
  for (const secret of hidden) expect(shown).not.toContain(secret);
});

test("a client can still be copied, and the copy used", async () => {
  const { client } = keyed([answer(200, { id: "t1" })]);
  expect(contextOf(settingsOf({ ...client }))).toBe(contextOf(settingsOf(client)));
});

test("what becomes of the options object afterwards changes nothing", async () => {
  const options = { apiKey: KEY, callback: { url: "https://app.test/cb", secret: [...SECRETS] } };
  const { client, seen } = acmeClient([answer(200, { id: "t1" })], options);
  options.apiKey = "another-key";
  options.callback.url = "https://evil.test/cb";
  options.callback.secret.length = 0;
  await client.submit(request);
  expect(seen[0]?.headers.get("authorization")).toBe(`Bearer ${KEY}`);
  expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({
    webhook: expect.stringMatching(/^https:\/\/app\.test\/cb\//),
  });
});

const units = (text: string) =>
  Array.from(text, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const echoes: [string, string][] = [
  ["as it is", KEY],
  ["with slashes escaped", KEY.replaceAll("/", "\\/")],
  ["in \\u escapes", units(KEY)],
  ["in a URL", `https://a.test/${encodeURIComponent(KEY)}/x`],
  [
    "in a URL, in small letters",
    `https://a.test/${encodeURIComponent(KEY).toLowerCase()}/x`.replace("zb", "Zb").replace("q", "Q"),
  ],
  ["in base64", btoa(`Bearer ${KEY}`)],
  ["in base64url", btoa(KEY).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")],
];

/** What tells an echo, wherever it starts and ends: four characters in a row of each part of it. */
const isShown = (text: string, echo: string): boolean =>
  text.includes(echo) ||
  text.includes(KEY) ||
  text.includes(KEY.slice(8)) ||
  text.includes(echo.slice(echo.length / 2));

test.each(echoes)("a vendor that writes the key back %s: no error, event or row shows it", async (_name, echo) => {
  // As text, and as JSON that was written by hand: the escapes of the echo are those of the body.
  const bodies = [
    answer(200, `<html>your key ${echo} is wrong</html>`),
    answer(401, `{"error":{"code":"bad_key","message":"your key ${echo} is wrong"}}`),
    answer(200, `{"status":"${echo}"}`),
    answer(200, `{"status":"error","reason":"the key ${echo} has no credits"}`),
  ];
  for (const body of bodies) {
    const journal = memoryJournal();
    const { client, events } = keyed([answer(200, { id: "t1" }), body], { journal });
    await client.submit(request, { idempotencyKey: "k" });
    const seen: unknown = await client.get(ref).catch((error: unknown) => error);
    const refused = keyed([body], { journal });
    const error = await errorOf(refused.client.submit(request, { idempotencyKey: "other" }));
    const rows = await collect(journal.list());
    const shown = [seen, error, events, refused.events, rows].map((value) => printed(value)).join("\n");
    expect(isShown(shown, echo)).toBe(false);
  }
});
