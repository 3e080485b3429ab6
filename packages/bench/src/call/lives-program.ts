// A process that submits and polls, by this library or by a bare `fetch`, and says what CPU and memory that takes.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { createApixo as Create } from "vidtask";
import { costOf } from "./cost.ts";

const [what = "", baseUrl = "", count = "100"] = process.argv.slice(2);
const apiKey = "bench-key-123";

async function bare(): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" };
  const json = async (path: string, init?: RequestInit) =>
    (await (await fetch(baseUrl + path, init)).json()) as { data: { state?: string } };
  const body = JSON.stringify({ request_type: "async", input: { prompt: "a waterfall" } });
  await json("/generateTask/kling-2-6", {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
  for (;;) {
    if ((await json("/statusTask/kling-2-6?taskId=t1", { headers })).data.state === "success") return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function ours(packages: string): Promise<() => Promise<void>> {
  const file = join(packages, "node_modules/@vidtask/apixo/dist/index.js");
  const { createApixo } = (await import(pathToFileURL(file).href)) as { createApixo: typeof Create };
  const apixo = createApixo({ apiKey, baseUrl, limits: { requestsPerMinute: Infinity } });
  return async () => {
    const task = await apixo.submit({ model: "kling-2-6", prompt: "a waterfall" });
    await apixo.wait(task, { poll: { first: 0, interval: 1 } });
  };
}

const life = what === "bare" ? bare : await ours(what);
console.log(JSON.stringify(await costOf(life, Number(count))));
process.exit();
