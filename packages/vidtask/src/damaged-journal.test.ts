import { expect, test } from "vitest";
import { createAIVideoAPI, createAPIModels, createApixo, createVidtask, memoryJournal, type Journal } from "./index.ts";

const apiKey = "key-0123456789";
const journal: Journal = {
  ...memoryJournal(),
  get: async () => ({ key: "k" }) as never,
  async *list() {
    yield { key: "k" } as never;
  },
};
const router = createVidtask({
  vendors: [createApixo({ apiKey }), createAIVideoAPI({ apiKey }), createAPIModels({ apiKey })],
  journal,
});

test("a row that no vendor can use is told once, with its key", async () => {
  const items = [];
  for await (const item of router.resume()) items.push(item);
  expect(items).toMatchObject([{ idempotencyKey: "k", error: { code: "journal", idempotencyKey: "k" } }]);
});

test("under its key nothing is sent", async () => {
  const submit = router.submit({ model: "kling-2.6", prompt: "x", duration: 5 }, { idempotencyKey: "k" });
  await expect(submit).rejects.toMatchObject({ code: "journal", billed: "no", vendor: "vidtask" });
});

test("an error of the journal's own shows no password of its database", async () => {
  const broken = createVidtask({
    vendors: [createApixo({ apiKey })],
    journal: {
      ...journal,
      get: async () => {
        throw Object.assign(new Error("connect postgres: https://user:secret-password@db.test"), { config: "secret" });
      },
    },
  });
  const submit = broken.submit({ model: "kling-2.6", prompt: "x", duration: 5 }, { idempotencyKey: "k" });
  const error = (await submit.catch((thrown: unknown) => thrown)) as Error;
  expect(`${error.message} ${String((error.cause as Error).message)}`).not.toContain("secret");
  expect(error.cause).not.toHaveProperty("config");
});
