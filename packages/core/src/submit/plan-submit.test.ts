// What is knowable of a request before it is paid for.
import { expect, test, vi } from "vitest";
import { accepted, acme, acmeClient, request } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import { cpuMsUntil } from "../test/turns.ts";
import { blamed, issuesOf } from "../test/wrong-values.ts";
import type { Seen } from "../testing/stub-fetch.ts";
import { errorOf, KEY } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const upload = async () => "https://files.test/a.png";
const imageIn = (seen: Seen | undefined) =>
  (JSON.parse(seen?.body ?? "{}") as { input?: { image?: string } }).input?.image;

const hidden = [
  "http://localhost/x.png",
  "https://app.localhost:8443/x.png",
  "http://127.0.0.1:3000/x.png",
  "http://[::1]/x.png",
  "http://10.1.2.3/x.png",
  "http://192.168.0.10/x.png",
  "http://172.16.0.1/x.png",
  "http://169.254.169.254/latest/meta-data",
  "http://0x7f000001/x.png",
  "http://[fd00::1]/x.png",
  "http://printer.local/x.png",
  "https://cdn.corp.internal/x.png",
  "http://nas.lan/x.png",
  "http://minio:9000/x.png",
  "http://localhost./x.png",
];

test.each(hidden)("a medium at %s, where a vendor cannot be, is refused by plan and submit", async (image) => {
  const { client, seen } = acmeClient([accepted]);
  for (const given of [image, new URL(image), ` ${image}\n`]) {
    const error = await errorOf(client.submit({ ...request, image: given }));
    expect(blamed(error)).toEqual(["image"]);
    expect(blamed(thrownBy(() => client.plan({ ...request, image: given })))).toEqual(["image"]);
  }
  expect(seen).toEqual([]);
});

test.each(hidden)("a medium at %s is taken when `baseUrl` is in such a place too", async (image) => {
  const { client } = acmeClient([accepted], { baseUrl: "http://localhost:8080" });
  expect((await client.submit({ ...request, image })).id).toBe("t1");
});

test.each(["https://a.test/x.png", "http://1.1.1.1/x.png", "http://[2606:4700::1111]/x.png", "https://mylocal.test/x"])(
  "a medium at %s is taken",
  async (image) => {
    const { client } = acmeClient([accepted]);
    expect((await client.submit({ ...request, image })).id).toBe("t1");
  },
);

test("a URL leaves in its normal form, and a plan shows it so", async () => {
  const { client, seen } = acmeClient([accepted]);
  const image = " https://a.te\tst/1.png\n";
  expect(client.plan({ ...request, image }).request.image).toBe("https://a.test/1.png");
  await client.submit({ ...request, image });
  expect(imageIn(seen[0])).toBe("https://a.test/1.png");
});

test("an extraBody that may change the price is a warning, and an empty one is nothing", () => {
  const { client } = acmeClient([]);
  const kinds = (extraBody: object) =>
    client.plan({ ...request, extraBody: extraBody as never }).warnings.map(({ kind }) => kind);
  expect(kinds({ resolution: "4k" })).toEqual(["contested", "unpriced"]);
  expect(kinds({})).toEqual(["contested"]);
  expect(kinds({ resolution: undefined })).toEqual(["contested"]);
});

test("under a price cap an extraBody is refused, and an empty one is nothing", async () => {
  const { client, seen } = acmeClient([accepted]);
  const submit = (extraBody: object) => client.submit({ ...request, extraBody: extraBody as never }, { maxPrice: 5 });
  const [found] = issuesOf(await errorOf(submit({ resolution: "4k" })));
  expect(found).toMatchObject({ path: "maxPrice", rule: expect.stringContaining("`extraBody` may change the price") });
  expect(seen).toEqual([]);
  expect((await submit({})).id).toBe("t1");
});

test("a key that has its task returns it whatever a cap says of its extraBody", async () => {
  const { client, posts } = acmeClient([accepted]);
  const asked = { ...request, extraBody: { resolution: "4k" } };
  const { id } = await client.submit(asked, { idempotencyKey: "k" });
  expect((await client.submit(asked, { idempotencyKey: "k", maxPrice: 0.1 })).id).toBe(id);
  expect(posts()).toBe(1);
});

test("a data: URL is decoded once for a submit, and what is uploaded are its bytes", async () => {
  const decode = vi.spyOn(globalThis, "atob");
  const files: Blob[] = [];
  const { client } = acmeClient([accepted], { upload: (file) => (files.push(file), upload()) });
  await client.submit({ ...request, image: "data:image/png;base64,eHl6" }, { idempotencyKey: "k", maxPrice: 5 });
  const times = decode.mock.calls.length;
  decode.mockRestore();
  expect(times).toBe(1);
  expect(await files[0]?.text()).toBe("xyz");
});

test("a data: URL of 20 MB costs little time", async () => {
  const image = `data:video/mp4;base64,${"AAAA".repeat((20 * 2 ** 20) / 3)}`;
  const { client } = acmeClient([accepted], { upload });
  const cost = await cpuMsUntil(() => client.submit({ ...request, image }));
  expect(cost).toBeLessThan(1_500); // 3.4 s when it was decoded twice, byte by byte with a callback
});

test("a plan shows the URL of its call as it would leave, and no secret in it", () => {
  const submit = {
    ...acme.submit,
    call: () => ({ path: `/tasks?key=${KEY}&quick=1`, at: "fast", json: {}, headers: { "x-name": KEY } }),
  };
  const change: Partial<Adapter> = { submit, origins: { fast: "https://fast.acme.test/v3" } };
  const { url, headers } = acmeClient([], {}, change).client.plan(request);
  expect(url).toBe("https://fast.acme.test/v3/tasks?key=***&quick=1");
  expect(headers).toEqual(["x-name"]);
  const { client } = acmeClient([], { baseUrl: "http://127.0.0.1:8080/gateway" }, change);
  expect(client.plan(request).url).toBe("http://127.0.0.1:8080/gateway/tasks?key=***&quick=1");
});
