// Videos whose URLs want the account's credentials: which requests carry them.
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { openVideo } from "../client/functions.ts";
import { makeMp4 } from "../node/test/save-video-host.ts";
import { acme, acmeClient, ref, running } from "../test/acme.ts";
import { serve } from "../test/serve.ts";
import { KEY, errorOf } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const mp4 = makeMp4(5_000);
type Route = { to?: string };
type Host = { url: string; seen: (string | undefined)[]; route: Route };

async function startHost(): Promise<Host> {
  const host: Host = { url: "", seen: [], route: {} };
  const { url, close } = await serve((incoming, response) => {
    host.seen.push(incoming.headers.authorization);
    if (host.route.to !== undefined && incoming.url !== "/back")
      return response.writeHead(302, { location: host.route.to }).end();
    return response.writeHead(200, { "content-length": mp4.length }).end(mp4);
  });
  onTestFinished(close);
  return Object.assign(host, { url });
}

let own: Host;
let other: Host;
beforeEach(async () => void ([own, other] = [await startHost(), await startHost()]));

const succeeded = (url: string, auth?: true) => ({
  state: "succeeded" as const,
  videos: [{ url, ...(auth ? { auth } : {}) }],
});
/** A client of the own host; what its result is, and what `change` makes of the vendor. */
function clientOf(read: ReturnType<typeof succeeded>, change: Partial<Adapter> = {}) {
  const { fetch: stub } = acmeStub();
  const both: typeof fetch = (input, init) =>
    String(input).includes("/tasks/") ? stub(input, init) : fetch(input, init);
  return acmeClient(
    [running],
    { baseUrl: own.url, fetch: both },
    { status: { ...acme.status, read: () => read }, ...change },
  ).client;
}
const acmeStub = () => ({ fetch: (async () => Response.json({ status: "done" })) as typeof fetch });
const read = async (client: ReturnType<typeof clientOf>) => {
  const { stream } = await openVideo(client, ref);
  return new Response(stream).arrayBuffer();
};

test("a marked URL at the vendor's own origin is asked for with credentials", async () => {
  expect((await read(clientOf(succeeded(`${own.url}/v.mp4`, true)))).byteLength).toBe(5_000);
  expect(own.seen).toEqual([`Bearer ${KEY}`]);
});

test("one without the mark is not", async () => {
  await read(clientOf(succeeded(`${own.url}/v.mp4`)));
  expect(own.seen).toEqual([undefined]);
});

test("credentials stay on a redirect within the origin", async () => {
  own.route.to = "/back";
  await read(clientOf(succeeded(`${own.url}/v.mp4`, true)));
  expect(own.seen).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
});

test("credentials go through no redirect to another origin", async () => {
  own.route.to = "https://files.other.test/v.mp4";
  const seen: unknown[] = [];
  const client = clientOf(succeeded(`${own.url}/v.mp4`, true));
  const inner = globalThis.fetch;
  globalThis.fetch = (async (input: RequestInfo | URL, init?: RequestInit) => {
    if (!String(input).startsWith("https://files.other.test")) return inner(input, init);
    seen.push(new Headers(init?.headers).get("authorization"));
    return new Response(new Uint8Array(mp4), { headers: { "content-length": String(mp4.length) } });
  }) as typeof fetch;
  try {
    await read(client);
  } finally {
    globalThis.fetch = inner;
  }
  expect(seen).toEqual([null]);
});

test("a marked URL elsewhere is a ProtocolError: nothing is asked of that host", async () => {
  const client = clientOf(succeeded(`${other.url}/v.mp4`, true));
  expect(await errorOf(client.get(ref))).toMatchObject({ code: "protocol", path: "videos.url" });
  expect(other.seen).toEqual([]);
});

test("a task that a program hands over with such a mark gets no credentials sent elsewhere either", async () => {
  const task = { ...ref, ...succeeded("https://files.other.test/v.mp4", true) };
  expect(await errorOf(openVideo(clientOf(succeeded(own.url)), task))).toMatchObject({
    code: "download",
    message: expect.stringContaining("wants credentials") as string,
  });
});

test("a named origin of the vendor is its own", async () => {
  const { client } = acmeClient(
    [running],
    {},
    {
      origins: { files: "https://files.acme.test" },
      status: { ...acme.status, read: () => succeeded("https://files.acme.test/v.mp4", true) },
    },
  );
  expect(await client.get(ref)).toMatchObject({ videos: [{ auth: true }] });
});
