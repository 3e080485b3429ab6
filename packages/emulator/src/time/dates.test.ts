// What vendors tell of time while it is accelerated: to a process that lives in real time it is today.
import { expect, onTestFinished, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { caller } from "../test/helpers.ts";

/** Ten hours in a tenth of a second. */
const SPEED = 360_000;
const HOURS = 10 * 3_600_000;

const submits: {
  [vendor: string]: { path: string; body: object; idOf: (body: never) => string; status: (id: string) => string };
} = {
  apixo: {
    path: "/generateTask/kling-2-5-turbo-pro",
    body: { input: { prompt: "x" }, request_type: "callback", callback_url: "https://app.test/cb" },
    idOf: ({ data }: { data: { taskId: string } }) => data.taskId,
    status: (id) => `/statusTask/kling-2-5-turbo-pro?taskId=${id}`,
  },
  apimodels: {
    path: "/video/generations",
    body: { model: "kling-v2-6", prompt: "x", callback_url: "https://app.test/cb" },
    idOf: ({ data }: { data: { taskId: string } }) => data.taskId,
    status: (id) => `/video/generations?task_id=${id}`,
  },
  aivideoapi: {
    path: "/videos/generations",
    body: {
      model: "kling-2.6",
      input: { prompt: "x", image_urls: ["https://a.test/1.png"] },
      callback_url: "https://app.test/cb",
    },
    idOf: ({ data }: { data: { taskId: string } }) => data.taskId,
    status: (id) => `/tasks/${id}`,
  },
};

/** Every number or text in a body that stands for a time: in seconds, in ms, or as ISO 8601. */
function timesIn(value: unknown): number[] {
  if (typeof value === "number") return value > 1e12 ? [value] : value > 1e9 ? [value * 1_000] : [];
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? [Date.parse(value)] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(timesIn) : [];
}

test.each(Object.keys(submits))("%s: after ten accelerated hours all it tells is of this minute", async (vendor) => {
  const told: { body: unknown; headers: Headers }[] = [];
  const emulator = createEmulator({
    clock: { speed: SPEED },
    deliverCallback: async (request) => {
      told.push({ body: await request.json(), headers: request.headers });
      return new Response();
    },
  });
  const server = await emulator.listen();
  onTestFinished(() => server.close());
  await emulator.clock.sleep(HOURS);
  expect(emulator.clock.now() - Date.now()).toBeGreaterThan(HOURS / 2);

  const { path, body, idOf, status } = submits[vendor]!;
  const began = Date.now();
  const call = caller<never>(server.for(vendor));
  const id = idOf((await call(path, { method: "POST", body: JSON.stringify(body) })).body);
  while (told.length === 0) await emulator.clock.sleep(600_000);
  const bodies = [(await call(status(id))).body, ...told.map((one) => one.body)];
  const times = bodies.flatMap(timesIn);
  expect(times.length).toBeGreaterThan(1);
  for (const time of times) {
    expect(time).toBeGreaterThan(began - 2_000);
    expect(time).toBeLessThan(Date.now() + 2_000);
  }
  const stamp = told[0]?.headers.get("x-timestamp");
  if (vendor === "aivideoapi") expect(Number(stamp) * 1_000).toBeLessThan(Date.now() + 2_000);
});

test("the dates of answers, of results and of places for uploads are of this minute, too", async () => {
  const emulator = createEmulator({ clock: { speed: SPEED } });
  await emulator.clock.sleep(HOURS);
  const { fetch, ...target } = emulator.for("apimodels");
  const call = caller<{ data: Record<string, string> }>({ ...target, fetch });
  const isNow = (time: string | null | undefined) => Math.abs(Date.parse(time ?? "") - Date.now()) < 120_000;
  const submitted = await fetch(`${target.baseUrl}/video/generations`, {
    method: "POST",
    headers: { authorization: `Bearer ${target.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "kling-v2-6", prompt: "x" }),
  });
  expect(isNow(submitted.headers.get("date"))).toBe(true);
  const { data } = (await submitted.json()) as { data: { taskId: string } };
  await emulator.clock.sleep(HOURS);
  const { body } = await call(`/video/generations?task_id=${data.taskId}`);
  const [url = ""] = body.data["resultUrls"] as unknown as string[];
  const result = await fetch(url);
  await result.body?.cancel();
  expect(isNow(result.headers.get("last-modified"))).toBe(true);
  const place = await call("/files", {
    method: "POST",
    body: JSON.stringify({ filename: "a.png", contentType: "image/png" }),
  });
  expect(isNow(place.body.data["expiresAt"])).toBe(true);
});

test.each(["real", "manual"] as const)("of a %s clock the dates are its own", async (mode) => {
  const emulator = createEmulator({ clock: mode });
  const { fetch, baseUrl } = emulator.for("apixo");
  const { headers, body } = await fetch(`${baseUrl}/apikeys/current-balance`);
  await body?.cancel();
  expect(Math.abs(Date.parse(headers.get("date") ?? "") - emulator.clock.now())).toBeLessThan(5_000);
});
