import { expect, test } from "vitest";
import { pureRouter } from "../clients/clients.ts";
import { UsageError } from "../usage-error.ts";
import { readUnlisted } from "./unlisted.ts";

const { clients } = pureRouter({});
const extraBody = '{"input":{"prompt":"x"}}';

test.each([
  ["apixo:kling-9", undefined, "kling-9"],
  ["kling-9", "apixo", "kling-9"],
  ["apixo:kling-9", "apixo", "kling-9"],
])("-m %s --vendor %s is a model of one vendor, sent as it was written", async (model, vendor, id) => {
  const options = { model, extraBody, ...(vendor === undefined ? {} : { vendor }) };
  const { offer, ...chosen } = await readUnlisted(clients, options, undefined);
  expect(chosen).toEqual({
    vendor: "apixo",
    request: { model: id, unlisted: true, extraBody: { input: { prompt: "x" } } },
  });
  expect(offer).toMatchObject({ ok: true, warnings: [{ kind: "unchecked" }] });
});

test.each([
  [{ model: "kling-9", extraBody }, "the one vendor"],
  [{ model: "kling-9", vendor: "apixo,apimodels", extraBody }, "the one vendor"],
  [{ model: "apixo:kling-9", vendor: "apimodels", extraBody }, "the one vendor"],
  [{ model: "apixo:", extraBody }, "no vendor can do this"],
  [{ model: "apixo:kling-9" }, "no vendor can do this"],
  [{ model: "apixo:kling-9", extraBody, duration: 5 }, "no vendor can do this"],
  [{ model: "apixo:kling-9", extraBody, dropFields: "seed" }, "--drop-fields"],
])("%j is refused before anything is sent", async (options, message) => {
  const reading = readUnlisted(clients, options, undefined);
  await expect(reading).rejects.toThrow(message);
  await expect(reading).rejects.toBeInstanceOf(UsageError);
});
