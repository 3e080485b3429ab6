import { describe, expect, test } from "vitest";
import { checkOptions } from "../options.ts";
import type { StoredTask } from "../state/tasks.ts";
import { countSteps } from "../test/count-steps.ts";
import { createWorld, type World } from "../world.ts";

const STATUS: Record<string, (id: string) => string> = {
  apixo: (id) => `/api/v1/statusTask/kling-2-6?taskId=${id}`,
  aivideoapi: (id) => `/v1/tasks/${id}`,
  apimodels: (id) => `/api/v1/video/generations?task_id=${id}`,
};
const MODEL: Record<string, string> = { apixo: "kling-2-6", aivideoapi: "kling-2.6", apimodels: "kling-v2-6" };
const REQUESTS = 1_000;
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

/** Of a status request, on average, after so many of them. */
async function stepsOf(name: string, open: number, before: number): Promise<number> {
  let reads = 0;
  const world = createWorld(checkOptions({ clock: "manual", vendors: [name] }));
  openTasks(world, name, open, () => reads++);
  const { apiKey } = world.parts.find((part) => part.name === name)?.vendor.secrets ?? {};
  const url = `http://127.0.0.1${STATUS[name]?.(ID)}`;
  const request = new Request(url, { headers: { authorization: `Bearer ${apiKey}` } });
  const ask = async (count: number) => {
    for (let asked = 0; asked < count; asked++)
      await world.handle(request, { reused: false, base: "http://127.0.0.1" });
  };
  await ask(before);
  reads = 0;
  return ((await countSteps(() => ask(REQUESTS))) + reads) / REQUESTS;
}

/** What goes when a log is full is moved many at a time: so many elements for each entry that comes. */
const MOVED = 50;

describe.each(Object.keys(STATUS))("a status request to %s", (name) => {
  test("takes no step more among 2,000 open tasks, with full logs and its limit used up", async () => {
    const [first, last] = [await stepsOf(name, 1, 0), await stepsOf(name, 2_000, 21_000)];
    expect(first).toBeLessThan(60);
    expect(last).toBeLessThan(first + MOVED);
  });
});
