// A process that submits and polls, or only polls, by this library or by a bare `fetch`, and says what CPU and memory that
// takes.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { createApixo as Create } from "vidtask";
import { costOf } from "./cost.ts";

const [what = "", part = "", baseUrl = "", count = "100"] = process.argv.slice(2);
const apiKey = "bench-key-123";
const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" };

/** The two parts of a life. */
type Lives = { submit: () => Promise<string>; wait: (id: string) => Promise<void> };

const bareJson = async (path: string, init?: RequestInit) =>
  (await (await fetch(baseUrl + path, init)).json()) as { data: { taskId: string; state?: string } };

const bare: Lives = {
  async submit() {
    const body = JSON.stringify({ request_type: "async", input: { prompt: "a waterfall" } });
    const { data } = await bareJson("/generateTask/kling-2-6", {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    return data.taskId;
  },
  async wait(id) {
    for (;;) {
      if ((await bareJson(`/statusTask/kling-2-6?taskId=${id}`, { headers })).data.state === "success") return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
};

async function ours(packages: string): Promise<Lives> {
  const file = join(packages, "node_modules/@vidtask/apixo/dist/index.js");
  const { createApixo } = (await import(pathToFileURL(file).href)) as { createApixo: typeof Create };
  const apixo = createApixo({ apiKey, baseUrl, limits: { requestsPerMinute: Infinity } });
  const submittedAt = new Date().toISOString();
  return {
    submit: async () => (await apixo.submit({ model: "kling-2-6", prompt: "a waterfall" })).id,
    async wait(id) {
      const task = { vendor: "apixo", model: "kling-2-6", id, submittedAt };
      await apixo.wait(task, { poll: { first: 0, interval: 1 } });
    },
  };
}

const { submit, wait } = what === "bare" ? bare : await ours(what);
let polled = 0;
const life = part === "polls" ? () => wait(`p${++polled}`) : async () => wait(await submit());
console.log(JSON.stringify(await costOf(life, Number(count))));
process.exit();
