import { expect, test } from "vitest";
import { checkOptions, findVendor } from "../options.ts";
import type { StoredTask } from "../state/tasks.ts";
import { countSteps } from "../test/count-steps.ts";
import { textToVideo } from "../test/helpers.ts";
import { createWorld, type World } from "../world.ts";

const STATUS: Record<string, (id: string) => string> = {
  apixo: (id) => `/api/v1/statusTask/kling-2-6?taskId=${id}`,
  aivideoapi: (id) => `/v1/tasks/${id}`,
  apimodels: (id) => `/api/v1/video/generations?task_id=${id}`,
};
const MODEL: Record<string, string> = { apixo: "kling-2-6", aivideoapi: "kling-2.6", apimodels: "kling-v2-6" };
const ID = "12345678";

/** Open tasks of one vendor; `read` is told of each look at one. */
function openTasks({ parts, clock }: World, name: string, count: number, read: () => void): void {
  const store = parts.find((part) => part.name === name)?.context.store;
  for (let at = 0; at < count; at++) {
    const createdAt = clock.now();
    const task: StoredTask = {
      id: at === 0 ? ID : `open-${at}`,
      model: MODEL[name] ?? "",
      createdAt,
      startsAt: createdAt,
      endsAt: createdAt + 60_000 + (at % 1_000),
      usd: 0,
      clip: { prompt: "", duration: 5, aspectRatio: "16:9", sound: false },
    };
    store?.put(
      new Proxy(task, {
        get(target, key) {
          read();
          return Reflect.get(target, key) as unknown;
        },
      }),
    );
  }
}

function requestOf(name: string, path: string, body?: object): Request {
  const { apiKey } = findVendor(name, checkOptions({}).vendors, "test").secrets;
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  return new Request(
    `http://127.0.0.1${path}`,
    body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
  );
}

/** Of a request, on average, after so many of them. */
async function stepsOf(name: string, requests: () => Request, open: number, before: number, count = 1_000) {
  let reads = 0;
  const world = createWorld(checkOptions({ clock: "manual", vendors: [name], credits: 1e6 }));
  openTasks(world, name, open, () => reads++);
  const ask = async (asked: readonly Request[]) => {
    for (const request of asked) await world.handle(request, { reused: false, base: "http://127.0.0.1" });
  };
  await ask(Array.from({ length: before }, requests));
  const asked = Array.from({ length: count }, requests);
  reads = 0;
  return ((await countSteps(() => ask(asked))) + reads) / count;
}

/** What goes when a log is full is moved many at a time: so many elements for each entry that comes. */
const MOVED = 50;

test.each(Object.entries(STATUS))(
  "a status request to %s takes no step more among 2,000 open tasks, with full logs and its limit used up",
  async (name, pathOf) => {
    const request = requestOf(name, pathOf(ID));
    const first = await stepsOf(name, () => request, 1, 0);
    expect(first).toBeLessThan(60);
    expect(await stepsOf(name, () => request, 2_000, 21_000)).toBeLessThan(first + MOVED);
  },
);

test("a balance of apimodels, which is frozen in part while tasks run, does not go through them", async () => {
  const ask = () => requestOf("apimodels", "/api/v1/balance");
  const first = await stepsOf("apimodels", ask, 1, 0, 50);
  expect(await stepsOf("apimodels", ask, 2_000, 0, 50)).toBeLessThan(first + MOVED);
});

test("what has changed of many tasks, one of them many times, is found without going through the others", async () => {
  const { parts, clock } = createWorld(checkOptions({ clock: "manual", vendors: ["apixo"] }));
  const store = parts[0]!.context.store;
  const times = { createdAt: clock.now(), startsAt: clock.now(), endsAt: clock.now() + 60_000 };
  const clip = { prompt: "", duration: 5, aspectRatio: "16:9", sound: false } as const;
  const task = { model: "kling-2-6", usd: 0, clip };
  const put = (n: number) => store.put({ ...task, ...times, id: `t${n}` });
  for (let n = 0; n < 2_000; n++) put(n);
  const seen = store.revision;
  put(7);
  put(3);
  put(7);
  let changed: Iterable<StoredTask> = [];
  expect(await countSteps(async () => void (changed = store.changedSince(seen)))).toBeLessThan(100);
  expect(Array.from(changed, ({ id }) => id)).toEqual(["t7", "t3"]);
  for (let n = 0; n < 10_000; n++) put(7); // what replaced changes leave behind does not stay
  store.remove("t7");
  put(8);
  expect(Array.from(store.changedSince(seen), ({ id }) => id)).toEqual(["t8", "t3"]);
  expect(await countSteps(async () => void [...store.changedSince(0)])).toBeLessThan(6_000);
});

test("a submit to apixo, which takes 1,000 tasks at a time, does not go through them", async () => {
  const submit = () => requestOf("apixo", "/api/v1/generateTask/kling-2-6", textToVideo);
  const first = await stepsOf("apixo", submit, 1, 0, 50);
  expect(await stepsOf("apixo", submit, 900, 0, 50)).toBeLessThan(first + MOVED);
});
