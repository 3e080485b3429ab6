// Processes on one durable journal that crash, freeze and lose its answers at any of its calls, and a vendor that answers
// anything: what the tests of the promise itself play with.
import { memoryJournal, type Journal } from "../index.ts";
import { reset, refusedConnection } from "../testing/stub-fetch.ts";
import { createAcme, request } from "./acme.ts";
import { handClock } from "./hand-clock.ts";

const SECOND = 1_000;

/** What the vendor does with a paid request: whether it takes it, and what the process that sent it meets. */
export const ANSWERS = {
  accepted: { takes: true, answer: (id: string) => Response.json({ id }) },
  "accepted, then reset": { takes: true, answer: reset },
  "accepted, then a 500": { takes: true, answer: () => new Response("", { status: 500 }) },
  "accepted, and the answer is cut": { takes: true, answer: (id: string) => new Response(`{"id":"${id}","x`) },
  "accepted, and the process dies": { takes: true, dies: true, answer: reset },
  "read, then reset": { takes: "maybe", answer: reset },
  "read, and the process dies": { takes: "maybe", dies: true, answer: reset },
  "a 503": { takes: "maybe", answer: () => new Response("", { status: 503 }) },
  "no listener": { takes: false, answer: refusedConnection },
  "no listener, and the process dies": { takes: false, dies: true, answer: refusedConnection },
  "a 429": { takes: false, answer: () => new Response("{}", { status: 429 }) },
  "a 429 for a minute": {
    takes: false,
    answer: () => new Response("{}", { status: 429, headers: { "retry-after": "60" } }),
  },
  "a 400": { takes: false, answer: () => new Response("{}", { status: 400 }) },
} as const;
export type AnswerName = keyof typeof ANSWERS;

/** What happens at one journal call of a process; `after` it did its work, or instead of it. */
export type Mishap = { at: number; kind: "crash" | "fail" | "freeze"; after: boolean; ms: number };
/** Everything beyond the processes: the vendor, its tasks, and what it read. */
export function world(answers: readonly AnswerName[]) {
  const clock = handClock();
  const store: Journal = { ...memoryJournal(), durable: true };
  /** Every POST that left, with how often the key had been declared lost before. */
  const posts: { name: AnswerName; age: number }[] = [];
  const tasks = new Map<string, number>();
  let isHealthy = false;
  let losses = 0;
  const vendor = (method: string, url: string, die: () => void): Response | Promise<Response> => {
    if (method === "GET") {
      const since = tasks.get(url.split("/").at(-1) ?? "");
      if (since === undefined) return new Response("{}", { status: 404 });
      const isDone = clock.elapsed() - since > 60 * SECOND;
      return Response.json(isDone ? { status: "done", url: "https://cdn.acme.test/v.mp4" } : { status: "running" });
    }
    const name = (!isHealthy && answers[posts.length]) || "accepted";
    const found = ANSWERS[name];
    posts.push({ name, age: losses });
    const id = `t${posts.length}`;
    if (found.takes === true) tasks.set(id, clock.elapsed());
    if ("dies" in found) die();
    return (found.answer as (id: string) => Response)(id);
  };
  return {
    clock,
    store,
    posts,
    tasks,
    vendor,
    heal: () => void (isHealthy = true),
    lose: () => void losses++,
    losses: () => losses,
  };
}

type World = ReturnType<typeof world>;

export const clockOf = ({ clock }: Pick<World, "clock">, storeClock: boolean): Pick<Journal, "now"> =>
  storeClock ? { now: async () => clock.now() } : {};

/** One process: a client whose journal calls meet the mishaps, and which does nothing any more once it is dead. */
export function start(
  { clock: trueClock, store, vendor }: World,
  {
    mishaps,
    ahead,
    ends,
    storeClock,
    onCall,
  }: {
    mishaps: readonly Mishap[];
    ahead: number;
    ends: unknown[];
    storeClock: boolean;
    /** Told of each call of the journal, before anything becomes of it. */
    onCall?: (call: number) => void;
  },
) {
  const clock = { ...trueClock, now: () => trueClock.now() + ahead };
  let calls = 0;
  let isDead = false;
  const never = () => new Promise<never>(() => {});
  async function call<T>(work: () => Promise<T>): Promise<T> {
    if (isDead) return never();
    const own = calls++;
    onCall?.(own);
    const mishap = mishaps.find(({ at }) => at === own);
    if (!mishap) return alive(await work());
    const { kind, after, ms } = mishap;
    const result = after ? await work() : undefined;
    if (kind === "crash") isDead = true;
    else if (kind === "fail") throw new Error("disk full");
    else await clock.sleep(ms);
    return alive(after ? (result as T) : isDead ? await never() : await work());
  }
  const alive = <T>(value: T): T | Promise<never> => (isDead ? never() : value);
  const journal: Journal = {
    durable: true,
    ...clockOf({ clock: trueClock }, storeClock),
    begin: (entry) => call(() => store.begin(entry)),
    update: (key, version, patch) => call(() => store.update(key, version, patch)),
    get: (key) => call(() => store.get(key)),
    findByTask: (ref) => call(() => store.findByTask(ref)),
    list: (filter) => store.list(filter),
  };
  const fetch = (async (input: Request | URL | string, init?: RequestInit) => {
    if (isDead) return never();
    const url = input instanceof Request ? input.url : String(input);
    const method = input instanceof Request ? input.method : (init?.method ?? "GET");
    return alive(await vendor(method, url, () => void (isDead = true)));
  }) as typeof globalThis.fetch;
  const client = createAcme({ apiKey: "k", fetch, clock, journal });
  let aborting = new AbortController();
  const ending = (work: Promise<unknown>) => void work.catch((error: unknown) => isDead || ends.push(error));
  return {
    submit: () => ending(client.submit(request, { idempotencyKey: "key", signal: aborting.signal })),
    resume: () =>
      ending(
        (async () => {
          for await (const item of client.resume({ signal: aborting.signal }))
            if ("error" in item) ends.push(item.error);
        })(),
      ),
    abort() {
      aborting.abort();
      aborting = new AbortController();
    },
    get: (id: string) => ending(client.get({ vendor: "acme", model: "acme-1", id })),
    kill: () => void (isDead = true),
  };
}
