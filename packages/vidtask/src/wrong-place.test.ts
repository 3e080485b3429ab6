// A secret in the place of something else: what is said of it does not show it.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createApixo, createReceiver, createVidtask, memoryJournal, settleSubmit } from "./index.ts";

const SECRET = "sk-very-secret-0123456789";
const request = { model: "kling-2-6" as const, prompt: "x" };
const callback = { url: "https://app.test/cb", secret: SECRET };
const client = createApixo({ apiKey: "key-0123456789" });

const mistakes: { [what: string]: () => unknown } = {
  "the key in place of the options": () => createApixo(SECRET as never),
  "the key under another name": () => createApixo({ apikey: SECRET } as never),
  "a key with a line break": () => createApixo({ apiKey: `${SECRET}\n` }).submit(request),
  "a key in the base URL": () => createApixo({ apiKey: SECRET, baseUrl: `https://user:${SECRET}@a.test` }),
  "a key in the query of the base URL": () => createApixo({ apiKey: SECRET, baseUrl: `https://a.test?key=${SECRET}` }),
  "a callback secret that is too short": () => createApixo({ apiKey: SECRET, callback }),
  "a callback secret in place of the callback": () => createApixo({ callback: SECRET as never }),
  "a secret in the URL of the callback": () =>
    createApixo({ callback: { ...callback, url: `http://a.test/?t=${SECRET}` } }),
  "a secret in place of limits": () => createApixo({ limits: SECRET as never }),
  "a secret in place of a function": () => createApixo({ fetch: SECRET as never }),
  "a secret in place of a journal": () => createApixo({ journal: SECRET as never }),
  "a secret in place of the options of a submit": () => client.submit(request, SECRET as never),
  "a secret in place of a signal": () => client.submit(request, { signal: SECRET as never }),
  "a secret in a callback URL of one's own": () => client.submit(request, { callbackUrl: `http://a.test/${SECRET}` }),
  "a secret in place of a receiver's client": () => createReceiver({ clients: [SECRET as never], onTask: () => {} }),
  "a secret in place of a receiver's clients": () => createReceiver({ clients: SECRET as never, onTask: () => {} }),
  "a secret in place of onTask": () => createReceiver({ clients: [client], onTask: SECRET as never }),
  "a secret in place of a router's vendors": () => createVidtask({ vendors: SECRET as never }),
  "a secret in place of settle's options": () => settleSubmit(memoryJournal(), "k", "lost", SECRET as never),
};

test.each(Object.entries(mistakes))("%s is refused, and not shown", async (_what, make) => {
  const error: unknown = await (async () => make())().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "invalid_request" });
  expect(inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error)).not.toContain(SECRET);
});
