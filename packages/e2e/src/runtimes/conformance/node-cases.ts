// What `./node` has, for the runtimes that have what it needs. A file of its own: the rest of the suite has nothing of Node.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VendorName } from "@vidtask/bench/vendors";
import { saveVideo, sqliteJournal, toNodeHandler } from "vidtask/node";
import { setupFor, type EmulatorAccess, type Test } from "./setup.ts";

/** With the handler that a program would use on Node. */
export async function serve(handler: (request: Request) => Promise<Response>): Promise<string> {
  const server = createServer(toNodeHandler({ fetch: handler }));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function nodeCases(emulator: EmulatorAccess, test: Test): void {
  const vendor: VendorName = "apixo";
  const { client, request } = setupFor(vendor, emulator);

  test("saveVideo saves a whole video", async () => {
    await inFolder(async (folder) => {
      const maker = client();
      const done = await maker.generate(request("node-save"));
      const { path, bytes } = await saveVideo(maker, done, join(folder, "video.mp4"));
      const file = await readFile(path);
      assert.deepEqual([file.byteLength, file.toString("latin1", 4, 8)], [bytes, "ftyp"]);
    });
  });

  test("sqliteJournal keeps a key over a restart: the task is found, and nothing sent", async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "submits.db");
      const key = "node-sqlite";
      const first = sqliteJournal(file);
      const task = await client({ journal: first }).submit(request(key), { idempotencyKey: key });
      first.close();
      const second = sqliteJournal(file);
      assert.equal((await client({ journal: second }).submit(request(key), { idempotencyKey: key })).id, task.id);
      second.close();
    });
  });

  test("toNodeHandler serves a Request and answers with a Response", async () => {
    const url = await serve(async (given) => new Response(await given.text(), { status: 201 }));
    const answer = await fetch(`${url}/callback`, { method: "POST", body: "said" });
    assert.deepEqual([answer.status, await answer.text()], [201, ""]);
  });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "vidtask-node-cases-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
