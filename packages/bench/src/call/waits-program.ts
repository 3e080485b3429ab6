// A process in which ten thousand waits sleep, and then are due at once: the heap that a wait takes, and the CPU of the longest
// turn of the event loop. Run with --expose-gc.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { createApixo as Create } from "vidtask";

const [packages = ""] = process.argv.slice(2);
const WAITS = 10_000;
const FIRST = 5_000;

const { createApixo } = (await import(
  pathToFileURL(join(packages, "node_modules/@vidtask/apixo/dist/index.js")).href
)) as { createApixo: typeof Create };
const resultJson = '{"resultUrls":["https://a.test/v.mp4"]}';
const apixo = createApixo({
  apiKey: "bench-key-123",
  limits: { requestsPerMinute: Infinity },
  fetch: async () =>
    Response.json({ code: 200, message: "success", data: { taskId: "t", state: "success", resultJson } }),
});
const collect = () => (globalThis as { gc?: () => void }).gc?.();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const submittedAt = new Date().toISOString();
const wait = (n: number) =>
  apixo.wait(
    { vendor: "apixo", model: "kling-2-6", id: `t${n}`, submittedAt },
    { poll: { first: FIRST, interval: 1_000 } },
  );

const first = wait(0); // with what is loaded and made once
await pause(100);
collect();
const before = process.memoryUsage().heapUsed;
const waits = Array.from({ length: WAITS }, (_, n) => wait(n + 1));
await pause(500);
collect();
const heap = (process.memoryUsage().heapUsed - before) / 1024 / WAITS;

let longest = 0;
let last = process.cpuUsage();
let isOver = false;
function turn(): void {
  const { user, system } = process.cpuUsage(last);
  longest = Math.max(longest, (user + system) / 1000);
  last = process.cpuUsage();
  if (!isOver) setImmediate(turn);
}
setImmediate(turn);
await Promise.all([first, ...waits]);
isOver = true;
console.log(JSON.stringify({ heap, longest }));
process.exit();
