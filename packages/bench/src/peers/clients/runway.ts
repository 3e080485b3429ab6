import { runway as dialect } from "../dialects/runway.ts";
import { asLibrary, PROMPT, type Call, type Peer, type Site } from "../peer.ts";

type Task = Promise<{ id: string }> & { waitForTaskOutput(options: { abortSignal?: AbortSignal }): Promise<unknown> };
type Client = { textToVideo: { create(body: object, options?: { maxRetries?: number }): Task } };
type Runway = { default: new (options: object) => Client };

const BODY = { model: "gen4.5", promptText: PROMPT, ratio: "1280:720", duration: 5 };

/** Its wait has no interval to set: where the bench does not want to wait, its own timers are shortened. */
function shorten(intervalMs: number): void {
  const { setTimeout: wait } = globalThis;
  const between = (ms = 0) => ms >= 4_500 && ms <= 7_500;
  globalThis.setTimeout = ((work: () => void, ms?: number) => wait(work, between(ms) ? intervalMs : ms)) as typeof wait;
}

const open = (library: unknown, { baseUrl, fetch, intervalMs }: Site, maxRetries?: number) => {
  if (intervalMs !== undefined) shorten(intervalMs);
  return new (asLibrary<Runway>(library).default)({
    apiKey: `key_${"a".repeat(128)}`,
    baseURL: baseUrl,
    ...(fetch && { fetch }),
    ...(maxRetries !== undefined && { maxRetries }),
  });
};

function video(client: Client, { signal, onId }: Call, paid: { maxRetries?: number }) {
  const task = client.textToVideo.create(BODY, paid);
  task.then(({ id }) => onId(id)).catch(() => {});
  return task.waitForTaskOutput(signal ? { abortSignal: signal } : {});
}

export const runway: Peer = {
  name: "@runwayml/sdk",
  packages: ["@runwayml/sdk"],
  entry: `export { default } from "@runwayml/sdk";`,
  program: `import RunwayML from "@runwayml/sdk";
const runway = new RunwayML({ apiKey: "key", maxRetries: 5 });
export async function video(promptText: string): Promise<string> {
  const created = runway.textToVideo.create(
    { model: "gen4.5", promptText, ratio: "1280:720", duration: 5 },
    { maxRetries: 0 },
  );
  const task = await created.waitForTaskOutput();
  return task.output[0]!;
}`,
  dialect,
  quickStart: {
    calls: "runway.textToVideo.create(body).waitForTaskOutput()",
    why: "The call of its pages: polls every 4.5 to 7.5 s, for ten minutes. Two retries of everything.",
    client: (library, site) => {
      const client = open(library, site);
      return (call) => video(client, call, {});
    },
  },
  best: {
    calls: "new RunwayML({ maxRetries: 15 }), create(body, { maxRetries: 0 }).waitForTaskOutput({ abortSignal })",
    why: "`maxRetries` of the client and per request, as its README documents: none where it would pay again, a minute's worth where it is free.",
    client: (library, site) => {
      const client = open(library, site, 15);
      return (call) => video(client, call, { maxRetries: 0 });
    },
  },
};
