// What a video costs a store: the trips and the time of its submit and of its end, with a vendor that answers at once.
import { createApixo, type Journal } from "vidtask";
import type { Opened } from "./databases.ts";

const HOWS = ["without the hint", "with the hint", "and a shared slot"] as const;
export type How = (typeof HOWS)[number];
export type Cost = { submitMs: number[]; endMs: number[]; submitTrips: number[]; endTrips: number[] };
type Client = ReturnType<typeof createApixo>;

const request = { model: "kling-2-6", prompt: "a waterfall" } as const;
let names = 0;

/** A vendor in this process: every task has ended when it is asked for. */
const vendor = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  const url = new URL(input instanceof Request ? input.url : input);
  const taskId = method === "POST" ? `task-${names++}` : url.searchParams.get("taskId");
  const end = { state: "success", resultJson: '{"resultUrls":["https://a.test/v.mp4"]}' };
  return Response.json({ code: 200, message: "success", data: { taskId, ...(method === "GET" && end) } });
};

const withoutHint = (journal: Journal): Journal => ({
  ...journal,
  update: (key, version, patch) => journal.update(key, version, patch),
});

export const clientOn = ({ journal, slots }: Opened, how: How): Client =>
  createApixo({
    apiKey: "bench-key",
    fetch: vendor as typeof fetch,
    journal: how === "without the hint" ? withoutHint(journal) : journal,
    limits: {
      requestsPerMinute: Infinity,
      ...(how === "and a shared slot" && { concurrentTasks: 1_000, shared: slots }),
    },
  });

export const newKey = (): string => `bench-${names++}`;

/** A submit, and the look that finds its end. */
async function life(client: Client, submitted: () => void = () => {}): Promise<void> {
  const task = await client.submit(request, { idempotencyKey: newKey() });
  submitted();
  const ended = await client.get(task);
  if (ended.state !== "succeeded") throw new Error(`a task is ${ended.state}`);
}

/** Videos one after another, for a while, into what was found before. */
export async function measureLives(opened: Opened, how: How, cost: Cost, forMs: number): Promise<void> {
  const client = clientOn(opened, how);
  await life(client); // what is looked at once has been
  const trips = opened.trips ?? (() => 0);
  for (const until = performance.now() + forMs; performance.now() < until;) {
    const began = { at: performance.now(), trips: trips() };
    const submitted = { ...began };
    await life(client, () => Object.assign(submitted, { at: performance.now(), trips: trips() }));
    cost.submitMs.push(submitted.at - began.at);
    cost.endMs.push(performance.now() - submitted.at);
    cost.submitTrips.push(submitted.trips - began.trips);
    cost.endTrips.push(trips() - submitted.trips);
  }
}

/** Videos a second, so many at a time. */
export async function measureRate(opened: Opened, atOnce: number, forMs: number): Promise<number> {
  const client = clientOn(opened, "with the hint");
  const began = performance.now();
  let done = 0;
  const work = async () => {
    for (; performance.now() - began < forMs; done++) await life(client);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (1000 * done) / (performance.now() - began);
}

export const costs = (): Record<How, Cost> => {
  const none = (): Cost => ({ submitMs: [], endMs: [], submitTrips: [], endTrips: [] });
  return { "without the hint": none(), "with the hint": none(), "and a shared slot": none() };
};
export const hows: readonly How[] = HOWS;
