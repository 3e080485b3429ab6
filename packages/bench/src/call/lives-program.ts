// A process that submits and polls, by this library or by a bare `fetch`, and says what CPU and memory that takes.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getHeapStatistics } from "node:v8";
import type { createApixo as Create } from "vidtask";

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
for (let round = 0; round < 40; round++) await life();

// The heap grows by what is allocated; a life during which it is collected tells nothing.
let allocated = 0;
let told = 0;
let last = getHeapStatistics().used_heap_size;
const began = process.cpuUsage();
for (let round = 0; round < Number(count); round++) {
  await life();
  const now = getHeapStatistics().used_heap_size;
  if (now > last) {
    allocated += now - last;
    told++;
  }
  last = now;
}
const { user, system } = process.cpuUsage(began);
console.log(JSON.stringify({ cpu: (user + system) / 1000 / Number(count), allocated: allocated / 1024 / told }));
process.exit();
