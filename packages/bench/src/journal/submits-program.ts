// A process that submits, with a journal in a file and a vendor that answers at once: what remains is the journal's.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { createApixo as Create } from "vidtask";
import type { sqliteJournal as Open } from "vidtask/node";

const [packages = "", folder = "", atOnce = "1", seconds = "1"] = process.argv.slice(2);
const load = async (path: string): Promise<unknown> =>
  import(pathToFileURL(join(packages, "node_modules/@vidtask/apixo/dist", path)).href);
const { createApixo } = (await load("index.js")) as { createApixo: typeof Create };
const { sqliteJournal } = (await load("node.js")) as { sqliteJournal: typeof Open };

let tasks = 0;
const answer = async () => Response.json({ code: 200, message: "success", data: { taskId: `task-${tasks++}` } });
const journal = sqliteJournal(join(folder, "journal.db"));
const apixo = createApixo({
  apiKey: "bench-key",
  journal,
  fetch: answer as typeof fetch,
  limits: { requestsPerMinute: Infinity },
});
let keys = 0;
const submit = async () =>
  apixo.submit({ model: "kling-2-6", prompt: "a waterfall" }, { idempotencyKey: `k${keys++}` });

async function submitUntil(end: number): Promise<void> {
  while (performance.now() < end) await submit();
}
const many = async (ms: number) => {
  const end = performance.now() + ms;
  await Promise.all(Array.from({ length: Number(atOnce) }, () => submitUntil(end)));
};

await many(200); // warm
const [began, from] = [performance.now(), keys];
await many(1000 * Number(seconds));
console.log(((keys - from) / (performance.now() - began)) * 1000);
journal.close();
