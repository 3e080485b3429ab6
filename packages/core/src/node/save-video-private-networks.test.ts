import { execFile } from "node:child_process";
import dns, { type LookupAddress, type lookup } from "node:dns";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, expect, onTestFinished, test, vi } from "vitest";
import { createAcme, done, ref } from "../test/acme.ts";
import { serve } from "../test/serve.ts";
import { jumpClock } from "../testing/jump-clock.ts";
import { stubFetch } from "../testing/stub-fetch.ts";
import { KEY } from "../testing/vendor-suite.ts";
import { publicLookup } from "./save-video-private-networks.ts";
import { saveVideo } from "./save-video.ts";
import { clientOf, makeMp4, startHost } from "./test/save-video-host.ts";

const resolver = vi.spyOn(dns, "lookup");
syncBuiltinESMExports();
afterEach(() => void resolver.mockReset());
afterAll(() => {
  resolver.mockRestore();
  syncBuiltinESMExports();
});

function resolveTo(...addresses: string[]): void {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  resolver.mockImplementation(((_name: string, _options: object, back: (e: null, a: LookupAddress[]) => void) =>
    back(null, found)) as unknown as typeof lookup);
}
const look = (all: boolean) =>
  new Promise<unknown[]>((resolve) => publicLookup("cdn.test", { all }, (...found) => resolve(found)));
async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vidtask-network-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test("a name gives its public addresses only", async () => {
  resolveTo("10.0.0.1", "8.8.8.8", "::1", "2606:4700::1111");
  expect(await look(true)).toEqual([
    null,
    [
      { address: "8.8.8.8", family: 4 },
      { address: "2606:4700::1111", family: 6 },
    ],
  ]);
  expect(await look(false)).toEqual([null, "8.8.8.8", 4]);
  resolveTo("127.0.0.1", "fe80::1%eth0", "::ffff:10.0.0.1");
  expect(await look(true)).toMatchObject([{ code: "ERR_PRIVATE_ADDRESS" }, []]);
  resolveTo();
  expect(await look(false)).toMatchObject([{ code: "ERR_PRIVATE_ADDRESS" }, []]);
});

test.each(["198.18.0.1", "198.19.255.254", "::ffff:198.18.3.4"])(
  "a name may lead to %s, which the resolver of a proxy has made up for it; no URL may",
  async (address) => {
    resolveTo(address);
    expect(await look(false)).toEqual([null, address, address.includes(":") ? 6 : 4]);
    const url = `https://${address.includes(":") ? `[${address}]` : address}/v.mp4`;
    const { fetch, seen } = stubFetch(() => Response.json({ status: "done", url }));
    const client = createAcme({ apiKey: KEY, fetch, clock: jumpClock() });
    await expect(saveVideo(client, ref, join(await emptyFolder(), "v.mp4"))).rejects.toThrow(
      "not on https at a public",
    );
    expect(seen).toHaveLength(1);
  },
);

test.each(["198.17.255.255", "198.20.0.0"])("%s, beside that range, is public anyway", async (address) => {
  resolveTo(address);
  expect(await look(false)).toEqual([null, address, 4]);
});

test.each(["10.0.0.1", "192.168.1.1", "127.0.0.1", "100.64.0.1", "169.254.169.254"])(
  "a name may not lead to %s",
  async (address) => {
    resolveTo(address);
    expect(await look(false)).toMatchObject([{ code: "ERR_PRIVATE_ADDRESS" }, []]);
  },
);

test("a result host whose name leads into a private network is not connected to, at the first hop and after a redirect", async () => {
  let connections = 0;
  const inner = await serve((_request, response) => response.end("secret"));
  onTestFinished(inner.close);
  const host = await startHost(makeMp4(1_000));
  onTestFinished(host.close);
  const folder = await emptyFolder();
  const url = `https://rebound.example.com:${inner.port}/v.mp4`;
  // A process of its own: in this one names cannot be connected to at all.
  const program = `
    import dns from "node:dns";
    import { syncBuiltinESMExports } from "node:module";
    dns.lookup = (name, options, found) => found(null, [{ address: "127.0.0.1", family: 4 }]);
    syncBuiltinESMExports();
    const [{ saveVideo }, { clientOf }] = await Promise.all(process.argv.slice(1, 3).map((path) => import(path)));
    await fetch(process.argv[4]).catch(({ cause }) => console.log(cause.code)); // without the guard it gets there
    const client = clientOf({ url: process.argv[3] });
    await saveVideo(client, ${JSON.stringify(ref)}, process.argv[5]).catch((error) => console.log(error.message));`;
  const files = ["save-video.ts", "test/save-video-host.ts"].map((name) => join(import.meta.dirname, name));
  for (const isRedirect of [false, true]) {
    host.deeds = [];
    if (isRedirect) {
      host.deeds = [({ response }) => void response.writeHead(302, { location: url }).end()];
      delete host.state.location;
    } else host.state.location = url;
    const target = join(folder, "v.mp4");
    const given = ["--input-type=module", "-e", program, ...files, host.url, url, target];
    const { stdout } = await promisify(execFile)(process.execPath, given);
    expect(stdout).toMatch(
      /^(ERR_SSL\S+|EPROTO|ECONNRESET)\n.*rebound\.example\.com leads to a private address: see whether get/,
    );
    connections += inner.sockets.size;
  }
  expect(connections).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

test("the host of `baseUrl` may be private; a fetch of the user's own is left alone", async () => {
  resolveTo("127.0.0.1");
  const folder = await emptyFolder();
  const host = await startHost(makeMp4(1_000));
  onTestFinished(host.close);
  expect(await saveVideo(clientOf(host), ref, join(folder, "v.mp4"))).toMatchObject({ bytes: 1_000 });

  const mp4 = new Uint8Array(makeMp4(1_000));
  const { fetch, seen } = stubFetch(done, () => new Response(mp4, { headers: { "content-length": "1000" } }));
  const own = createAcme({ apiKey: KEY, fetch, clock: jumpClock() });
  expect(await saveVideo(own, ref, join(folder, "w.mp4"))).toMatchObject({ bytes: 1_000 });
  expect(seen.map(({ url }) => url).at(-1)).toBe("https://cdn.acme.test/v.mp4");
});
