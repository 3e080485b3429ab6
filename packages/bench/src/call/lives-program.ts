// A process that submits and polls, or only polls, by this library, by a bare `fetch` or by ky, and says what CPU and memory
// that takes.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { createApixo as Create } from "vidtask";
import { costOf } from "./cost.ts";

const [what = "", packages = "", part = "", baseUrl = "", count = "100"] = process.argv.slice(2);
const apiKey = "bench-key-123";
const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" };

/** The two parts of a life. */
type Lives = { submit: () => Promise<string>; wait: (id: string) => Promise<void> };

type Ask = (url: string, init: RequestInit) => Promise<unknown>;

/** A loop without anything that a program could do without. */
const loopOver = (ask: Ask): Lives => ({
  async submit() {
    const body = JSON.stringify({ request_type: "async", input: { prompt: "a waterfall" } });
    const { data } = (await ask(`${baseUrl}/generateTask/kling-2-6`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    })) as { data: { taskId: string } };
    return data.taskId;
  },
  async wait(id) {
    const url = `${baseUrl}/statusTask/kling-2-6?taskId=${id}`;
    for (;;) {
      if (((await ask(url, { headers })) as { data: { state?: string } }).data.state === "success") return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  },
});

const bare = loopOver(async (url, init) => (await fetch(url, init)).json());

async function overKy(): Promise<Lives> {
  const file = createRequire(join(packages, "node_modules/")).resolve("ky");
  const { default: ky } = (await import(pathToFileURL(file).href)) as {
    default: (url: string, options: RequestInit & { retry: number }) => { json(): Promise<unknown> };
  };
  return loopOver(async (url, init) => ky(url, { ...init, retry: 0 }).json());
}

async function ours(): Promise<Lives> {
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

const { submit, wait } = what === "bare" ? bare : what === "ky" ? await overKy() : await ours();
let polled = 0;
const life = part === "polls" ? () => wait(`p${++polled}`) : async () => wait(await submit());
console.log(JSON.stringify(await costOf(life, Number(count))));
process.exit();
