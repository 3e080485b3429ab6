import { openai as dialect } from "../dialects/openai.ts";
import { asLibrary, pause, PROMPT, type Call, type Peer, type Site } from "../peer.ts";

type Video = { id: string; status: string };
type Request = { maxRetries?: number; signal?: AbortSignal };
type Client = {
  videos: {
    create(body: object, options?: Request): Promise<Video>;
    retrieve(id: string, options?: Request): Promise<Video>;
  };
};
type OpenAI = { default: new (options: object) => Client };

/** Its guide polls "every 10–20 seconds"; the client has no wait of its own for videos. */
const INTERVAL = 10_000;

async function video(client: Client, { signal, onId }: Call, paid: Request, free: Request, intervalMs = INTERVAL) {
  const signalled = signal ? { signal } : {};
  let video = await client.videos.create({ model: "sora-2", prompt: PROMPT }, { ...paid, ...signalled });
  onId(video.id);
  while (video.status !== "completed") {
    if (video.status === "failed") throw new Error(`${video.id} failed`);
    await pause(intervalMs, signal);
    video = await client.videos.retrieve(video.id, { ...free, ...signalled });
  }
  return video;
}

const open = (library: unknown, { baseUrl, fetch }: Site) =>
  new (asLibrary<OpenAI>(library).default)({ apiKey: "sk-a", baseURL: `${baseUrl}/v1`, ...(fetch && { fetch }) });

export const openai: Peer = {
  name: "openai",
  packages: ["openai"],
  entry: `export { default } from "openai";`,
  program: `import OpenAI from "openai";
const openai = new OpenAI({ apiKey: "sk-a" });
export async function video(prompt: string): Promise<string> {
  let video = await openai.videos.create({ model: "sora-2", prompt }, { maxRetries: 0 });
  while (video.status === "queued" || video.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    video = await openai.videos.retrieve(video.id, { maxRetries: 5 });
  }
  return video.id;
}`,
  dialect,
  quickStart: {
    calls: "openai.videos.create(body), then openai.videos.retrieve(id) every 10 s",
    why: "It has no wait for videos: a loop, at the shorter end of the 10–20 s that its guide names. Two retries of everything.",
    client: (library, site) => {
      const client = open(library, site);
      return (call) => video(client, call, {}, {}, site.intervalMs);
    },
  },
  best: {
    calls: "create(body, { maxRetries: 0 }), then retrieve(id, { maxRetries: 15 }) every 10 s",
    why: "`maxRetries` per request, as its README documents: none where it would pay again, a minute's worth where it is free.",
    client: (library, site) => {
      const client = open(library, site);
      return (call) => video(client, call, { maxRetries: 0 }, { maxRetries: 15 }, site.intervalMs);
    },
  },
};
