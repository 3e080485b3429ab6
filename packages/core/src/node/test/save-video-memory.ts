// How much memory saving a large video takes: `node packages/core/src/node/test/save-video-memory.ts [megabytes]`. A host in
// this process, which breaks the connection at every fifth of the file; the download in another one.
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ref } from "../../test/acme.ts";
import { serve } from "../../test/serve.ts";
import { saveVideo } from "../save-video.ts";
import { clientOf, makeMp4 } from "./save-video-host.ts";

const MB = 1_000_000;
const [first = "1000", path] = process.argv.slice(2);

if (path === undefined) await measure(Number(first) * MB);
else await download(first, path);

async function measure(size: number): Promise<void> {
  const head = makeMp4(100).subarray(0, 92);
  const mdat = Buffer.from("    mdat", "latin1");
  mdat.writeUInt32BE(size - 92);
  const block = Buffer.alloc(MB, "video");
  const send = async (response: ServerResponse, from: number) => {
    const end = Math.min(size, (Math.floor(from / (size / 5)) + 1) * Math.ceil(size / 5));
    for (let at = from; at < end && !response.destroyed;) {
      const bytes = at < 100 ? Buffer.concat([head, mdat]).subarray(at) : block.subarray(at % MB, (at % MB) + end - at);
      at += bytes.length;
      if (!response.write(bytes))
        await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    }
    if (end < size) response.socket?.end();
    else response.end();
  };
  const host = await serve((request, response) => {
    if (request.url?.startsWith("/v1"))
      return response.end(JSON.stringify({ status: "done", url: `${host.url}/v.mp4` }));
    const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
    const range = { "content-range": `bytes ${from}-${size - 1}/${size}`, "content-length": size - from };
    response.writeHead(206, { ...range, "content-type": "video/mp4", etag: '"1"' });
    response.setMaxListeners(0); // one for each wait
    return void send(response, from);
  });
  const folder = await mkdtemp(join(tmpdir(), "vidtask-memory-"));
  const child = fork(import.meta.filename, [host.url, join(folder, "v.mp4")], { execArgv: [] });
  child.on("message", (report) => void process.stdout.write(`${JSON.stringify(report)}\n`));
  await new Promise((resolve) => child.once("close", resolve));
  await host.close();
  await rm(folder, { recursive: true });
}

async function download(url: string, path: string): Promise<void> {
  const rss = () => Math.round(process.resourceUsage().maxRSS / 1000);
  const before = rss();
  const started = performance.now();
  const { bytes } = await saveVideo(clientOf({ url }), ref, path);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  process.send?.({ bytes, seconds, peakMB: rss(), beforeMB: before });
  process.disconnect?.();
}
