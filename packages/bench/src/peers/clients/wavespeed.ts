import { wavespeed as dialect } from "../dialects/wavespeed.ts";
import { asLibrary, PROMPT, type Peer, type Site } from "../peer.ts";

type WaveSpeed = {
  Client: new (
    apiKey: string,
    options: { baseUrl: string; maxConnectionRetries?: number },
  ) => {
    run(model: string, input: object, options: { pollInterval?: number }): Promise<unknown>;
  };
};

function open(library: unknown, { baseUrl, fetch, intervalMs }: Site, maxConnectionRetries?: number) {
  if (fetch) globalThis.fetch = fetch;
  const retries = maxConnectionRetries === undefined ? {} : { maxConnectionRetries };
  const client = new (asLibrary<WaveSpeed>(library).Client)("key", { baseUrl, ...retries });
  const options = intervalMs === undefined ? {} : { pollInterval: intervalMs / 1_000 };
  return () => client.run("kwaivgi/kling-v2.6-pro/text-to-video", { prompt: PROMPT }, options);
}

export const wavespeed: Peer = {
  name: "wavespeed",
  packages: ["wavespeed"],
  entry: `export { Client } from "wavespeed";`,
  program: `import { Client } from "wavespeed";
const client = new Client("key");
export async function video(prompt: string): Promise<string> {
  const { outputs } = await client.run(
    "kwaivgi/kling-v2.6-pro/text-to-video",
    { prompt },
    { timeout: 1200 },
  );
  return (outputs as string[])[0]!;
}`,
  dialect,
  quickStart: {
    calls: "client.run(model, input)",
    why: "The call of its pages. Polls every second; the paid request is sent once by contract, polls are retried 5 times. It takes no AbortSignal, and no `fetch`: the global one is replaced where a measure needs it.",
    client: (library, site) => open(library, site),
  },
  best: {
    calls: "new Client(key, { maxConnectionRetries: 12 }), client.run(model, input)",
    why: "A minute's worth of retries where it is free, by its documented option.",
    client: (library, site) => open(library, site, 12),
  },
};
