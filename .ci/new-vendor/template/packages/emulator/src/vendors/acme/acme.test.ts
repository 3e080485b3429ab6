import { expect, test } from "vitest";
import body from "../../../../../fixtures/acme/submit.text-to-video.request.json" with { type: "json" };
import { createEmulator } from "../../emulator.ts";
import { dialect } from "./index.ts";

function start() {
  const emulator = createEmulator({ vendors: [dialect], clock: "manual" });
  const { apiKey, baseUrl, fetch } = emulator.for(dialect);
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const submit = (json: object) => fetch(`${baseUrl}/tasks`, { method: "POST", headers, body: JSON.stringify(json) });
  const status = async (id: string) => (await (await fetch(`${baseUrl}/tasks/${id}`, { headers })).json()) as unknown;
  return { emulator, submit, status };
}

test("the fixture of a submit becomes a video in the time of its model, and is charged once", async () => {
  const { emulator, submit, status } = start();
  const { id } = (await (await submit(body)).json()) as { id: string };
  expect(await status(id)).toMatchObject({ status: "queued" });
  await emulator.clock.advance(40_000);
  expect(await status(id)).toMatchObject({ status: "done", url: expect.stringContaining("http") });
  expect(emulator.ledger).toMatchObject([{ vendor: "acme", taskId: id, kind: "charge" }]);
});

test.each([{ model: "acme-0" }, { prompt: "" }, { seconds: 5 }])("a submit with %o is refused", async (change) => {
  const { emulator, submit } = start();
  expect((await submit({ ...body, ...change })).status).toBe(400);
  expect(emulator.ledger).toEqual([]);
});
