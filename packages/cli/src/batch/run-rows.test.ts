import { join } from "node:path";
import { expect, test } from "vitest";
import { openSession } from "../clients/session.ts";
import type { OutputLine } from "../output/lines.ts";
import { createOutput } from "../output/output.ts";
import { folder, world } from "../test/program.ts";
import { checkRows } from "./check-rows.ts";
import { runRows } from "./run-rows.ts";

test("a results file on a full disk stops no row: it is told once, and the batch is not done", async () => {
  const { cwd, server } = await world();
  const emitted: OutputLine[] = [];
  const out = { ...createOutput({ json: true }), emit: (line: OutputLine) => void emitted.push(line) };
  const journal = join(cwd, "journal.db");
  const options = {
    emulate: server.url,
    journal,
    model: "kling-2.6",
    poll: 100,
    concurrency: 3,
    submitTimeout: 60_000,
  };
  const session = await openSession(options, out);
  const { signal } = new AbortController();
  const rows = ["a", "b", "c"].map((id, index) => ({ line: index + 2, fields: { id, prompt: "x" } }));
  const jobs = await checkRows(session, rows, { file: "night.csv", name: "night", defaults: options }, [], signal);
  const add = () => {
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  };
  const code = await runRows(
    { out, signal, words: [], next: {}, open: async () => session, options },
    session,
    jobs,
    { path: "r.jsonl", done: new Map(), add, close: () => {} },
    folder(),
  );
  await session.close();
  expect(emitted.filter(({ type }) => type === "row")).toMatchObject(rows.map(() => ({ state: "saved" })));
  expect(emitted.filter(({ type }) => type === "note")).toMatchObject([{ level: "alarm", message: /ENOSPC/ }]);
  expect(code).toBe(5);
});
