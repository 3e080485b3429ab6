import { afterEach, beforeEach, expect, test } from "vitest";
import { openVideo } from "../client/functions.ts";
import { deeds } from "../node/test/save-video-deeds.ts";
import { clientOf, makeMp4, startHost, type Deed, type Host } from "../node/test/save-video-host.ts";
import type { VidtaskEvent } from "../task/events.ts";
import { done, failed, ref, running, acmeClient } from "../test/acme.ts";
import { atOnce, turns, until } from "../test/turns.ts";
import { answer } from "../testing/stub-fetch.ts";
import { assertNoSecret, errorOf } from "../testing/vendor-suite.ts";

const SIZE = 2_000_000;
const video = makeMp4(SIZE);
let host: Host;
beforeEach(async () => void (host = await startHost(video)));
afterEach(() => host.close());

const whole = async (stream: ReadableStream<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

test("a video comes as a stream, with its length", async () => {
  const { stream, bytes } = await openVideo(clientOf(host), ref);
  expect(bytes).toBe(SIZE);
  expect(stream).toBeInstanceOf(ReadableStream);
  expect(Buffer.compare(await whole(stream), video)).toBe(0);
  expect(host.asked.length).toBe(1);
});

test("a length that is not announced is not there", async () => {
  host.deeds = [deeds.noLength(SIZE, "fin")];
  const opened = await openVideo(clientOf(host), ref);
  expect(opened).not.toHaveProperty("bytes");
  expect(Buffer.compare(await whole(opened.stream), video)).toBe(0);
});

test("it can be the body of a response", async () => {
  const { stream } = await openVideo(clientOf(host), ref);
  expect((await new Response(stream).arrayBuffer()).byteLength).toBe(SIZE);
});

test("a slow reader gets everything, from hosts that close their connections too", async () => {
  for (const deed of [deeds.honest, deeds.noLength(SIZE, "fin")]) {
    host.deeds = [deed];
    const { stream } = await openVideo(clientOf(host), ref);
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
      await turns();
    }
    expect(Buffer.compare(Buffer.concat(chunks), video)).toBe(0);
  }
});

test("more than a reader can use is not kept: what came too early is asked for again", async () => {
  const large = makeMp4(20_000_000);
  Object.assign(host.state, { file: large, etag: '"large"' });
  let isStopped = false;
  const first: Deed = (exchange) => {
    exchange.request.socket.on("close", () => (isStopped = true));
    deeds.unlabelled(exchange);
  };
  host.deeds = [first, ...Array.from({ length: 30 }, () => deeds.unlabelled)];
  const { stream } = await openVideo(clientOf(host), ref);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (chunks.length === 1) await until(() => isStopped);
    chunks.push(chunk);
  }
  expect(Buffer.compare(Buffer.concat(chunks), large)).toBe(0);
  expect(host.asked.length).toBeGreaterThan(1);
});

test("bytes that end early without an error, as on some runtimes, are a fault that is told and waited for", async () => {
  const faults: VidtaskEvent[] = [];
  const onEvent = (event: VidtaskEvent) => void (event.type === "fault" && faults.push(event));
  let isCut = false;
  const cutting: typeof fetch = async (...given) => {
    const response = await fetch(...given);
    if (isCut || !response.url.includes("/videos/")) return response;
    isCut = true;
    return new Response((await response.arrayBuffer()).slice(0, 1_000), response);
  };
  const { stream } = await openVideo(clientOf(host, { fetch: cutting, onEvent }), ref);
  expect(Buffer.compare(await whole(stream), video)).toBe(0);
  const message = expect.stringContaining("broke off after 1000 of 2000000 bytes");
  expect(faults).toMatchObject([{ phase: "download", attempt: 1, error: { message } }]);
});

test("nothing is shown of an answer that is no video, not even at the beginning", async () => {
  host.deeds = Array.from({ length: 5 }, () => deeds.html(200, "video/mp4"));
  expect(await errorOf(openVideo(clientOf(host), ref))).toMatchObject({ name: "DownloadError", code: "download" });
});

test("a stream that is cancelled closes its connection", async () => {
  host.deeds = [deeds.stallAt(100_000)];
  let isClosed = false;
  const [stall] = host.deeds;
  host.deeds = [(exchange) => (exchange.response.on("close", () => (isClosed = true)), stall?.(exchange))];
  const { stream } = await openVideo(clientOf(host), ref);
  await stream.cancel("enough");
  await until(() => isClosed);
  expect(host.asked.length).toBe(1);
});

type Moment = (signal: AbortSignal, abort: () => void) => Promise<unknown>;
const moments: Record<string, Moment> = {
  before: async (signal, abort) => (abort(), openVideo(clientOf(host), ref, { signal })),
  "while it opens": async (signal, abort) => {
    host.deeds = [() => {}];
    const opening = openVideo(clientOf(host), ref, { signal });
    await until(() => host.asked.length === 1);
    abort();
    return atOnce(opening);
  },
  "while it is read": async (signal, abort) => {
    const reading = whole((await openVideo(clientOf(host), ref, { signal })).stream);
    await turns();
    abort();
    return atOnce(reading);
  },
  "between two reads": async (signal, abort) => {
    const { stream } = await openVideo(clientOf(host), ref, { signal });
    abort();
    return atOnce(stream.getReader().read());
  },
};
test.each(Object.entries(moments))("an abort %s settles at once", async (_when, run) => {
  const controller = new AbortController();
  host.deeds = [deeds.stallAt(100_000)];
  const error = await errorOf(run(controller.signal, () => controller.abort()));
  expect(error).toMatchObject({ name: "AbortError", code: "aborted", phase: "download", billed: "yes", ref });
});

test("a stream ends with an error when what it gave is not the whole of a video", async () => {
  host.state.file = video.subarray(0, SIZE - 10);
  const { stream } = await openVideo(clientOf(host), ref);
  const error = await errorOf(whole(stream));
  expect(String(error)).toContain("not a whole mp4");
  assertNoSecret(error);
});

test("a task without a video says why, as a value that can be acted on", async () => {
  const said = async (...[step, index = 0]: [Parameters<typeof acmeClient>[0][number], number?]) =>
    errorOf(openVideo(acmeClient([step]).client, ref, { index }));
  expect(await said(running)).toMatchObject({ code: "download", billed: "unknown", retryable: true });
  expect(await said(failed)).toMatchObject({ code: "download", billed: "no", retryable: false });
  expect(await said(done, 1)).toMatchObject({ code: "download", billed: "yes", retryable: false });
  expect(await said(answer(401, { error: { code: "bad_key", message: "no" } }))).toMatchObject({
    code: "unauthorized",
  });
});

test("a result at a private address, on plain http or at no URL at all is not asked for", async () => {
  for (const url of [
    "https://10.0.0.1/v",
    "http://cdn.test/v",
    "https://[::ffff:7f00:1]/v",
    "https://a@cdn.test/v",
    "x",
  ]) {
    const { client, seen } = acmeClient([done]);
    const task = { ...ref, state: "succeeded" as const, videos: [{ url }] };
    expect(await errorOf(openVideo(client, task))).toMatchObject({ code: "download", retryable: true });
    expect(seen).toEqual([]);
  }
});

test("a redirect that the runtime hides is an error at once", async () => {
  const hidden = () => Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });
  const { client, seen } = acmeClient([done, hidden]);
  expect(String(await errorOf(openVideo(client, ref)))).toContain("hides where to");
  expect(seen.length).toBe(2);
});
