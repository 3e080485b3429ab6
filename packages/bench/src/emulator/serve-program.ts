// A process that answers status requests: a bare Hono with a constant body, or the emulator among a thousand open tasks. Its
// parent asks what that costs it.
import { pathToFileURL } from "node:url";
import type { createEmulator as Create } from "@vidtask/emulator";
import type { Answers, Asked, Ready } from "./server.ts";

/** What is asked of Hono and its server here. */
type Answer = (context: { json(body: object): Response }) => Response;
type App = { get(path: string, answer: Answer): unknown; fetch(request: Request): Response | Promise<Response> };
type Serve = (
  options: { fetch: App["fetch"]; port: number; hostname: string },
  listening: (address: { port: number }) => void,
) => unknown;
type Loaded = { Hono: new () => App; serve: Serve; createEmulator: typeof Create };

const OPEN_TASKS = 1_000;
const YEAR = 365 * 86_400_000;

const [what = "", file = ""] = process.argv.slice(2);
const { Hono, serve, createEmulator } = (await import(pathToFileURL(file).href)) as Loaded;

type Target = Ready & { fetch: (request: Request) => Response | Promise<Response> };

async function bareHono(): Promise<Target> {
  const data = { taskId: "cl00000000000000000000000", state: "processing", model: "kling-video/kling-v2-6" };
  const app = new Hono();
  app.get("/api/v1/video/generations", (context) => context.json({ code: 200, msg: "success", data }));
  const port = await new Promise<number>((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (address) => resolve(address.port));
  });
  const url = `http://127.0.0.1:${port}/api/v1/video/generations?task_id=${data.taskId}`;
  return { url, headers: { authorization: "Bearer bench-key" }, fetch: app.fetch };
}

/** APIModels documents no limit of requests: each is answered with the task. */
async function emulator(): Promise<Target> {
  const started = createEmulator({ taskMs: YEAR, credits: 1e6 });
  const server = await started.listen();
  const { apiKey, baseUrl } = server.for("apimodels");
  const headers = { authorization: `Bearer ${apiKey}` };
  let id = "";
  for (let task = 0; task < OPEN_TASKS; task++) {
    const answer = await started.fetch(`${baseUrl}/video/generations`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ model: "kling-v2-6", prompt: "a waterfall", duration: 5 }),
    });
    const { data } = (await answer.json()) as { data?: { taskId?: string } };
    if (!data?.taskId) throw new Error(`no task: HTTP ${answer.status}`);
    id = data.taskId;
  }
  return { url: `${baseUrl}/video/generations?task_id=${id}`, headers, fetch: started.fetch };
}

const { url, headers, fetch } = await (what === "hono" ? bareHono() : emulator());

const answers: Answers = {
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  heap() {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  },
  /** Asks itself, so many at a time, as long as asked. */
  async inProcess({ ms = 0, atOnce = 1 }) {
    const [began, end] = [performance.now(), performance.now() + ms];
    let count = 0;
    const worker = async () => {
      for (; performance.now() < end; count++) await (await fetch(new Request(url, { headers }))).text();
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return (count / (performance.now() - began)) * 1000;
  },
};

process.on("message", (asked: Asked) => {
  void Promise.resolve(answers[asked.what](asked)).then((figure) => process.send?.({ figure }));
});
process.on("disconnect", () => process.exit());
process.send?.({ url, headers } satisfies Ready);
