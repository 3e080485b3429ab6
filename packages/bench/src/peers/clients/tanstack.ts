import { openai as dialect } from "../dialects/openai.ts";
import { asLibrary, pause, PROMPT, type Peer, type Site } from "../peer.ts";

type Chunk = { type: string; name?: string; message?: string; value?: { jobId?: string } };
type Status = { status: string; error?: string };
type TanStack = {
  createOpenaiVideo(model: string, apiKey: string, config: object): unknown;
  generateVideo(options: object & { stream: true }): AsyncIterable<Chunk>;
  generateVideo(options: object): Promise<{ jobId: string }>;
  getVideoJobStatus(options: { adapter: unknown; jobId: string }): Promise<Status>;
};

const open = (library: unknown, { baseUrl, fetch }: Site, config: object = {}) =>
  asLibrary<TanStack>(library).createOpenaiVideo("sora-2", "sk-a", {
    baseURL: `${baseUrl}/v1`,
    ...(fetch && { fetch }),
    ...config,
  });

export const tanstack: Peer = {
  name: "@tanstack/ai + -openai",
  packages: ["@tanstack/ai", "@tanstack/ai-openai"],
  entry: `export { generateVideo, getVideoJobStatus } from "@tanstack/ai";
export { createOpenaiVideo } from "@tanstack/ai-openai";`,
  program: `import { generateVideo, getVideoJobStatus } from "@tanstack/ai";
import { createOpenaiVideo } from "@tanstack/ai-openai";
const adapter = createOpenaiVideo("sora-2", "sk-a", { maxRetries: 0 });
export async function video(prompt: string): Promise<string | undefined> {
  const { jobId } = await generateVideo({ adapter, prompt });
  for (;;) {
    const { status, url } = await getVideoJobStatus({ adapter, jobId });
    if (status !== "pending" && status !== "processing") return url;
  }
}`,
  dialect,
  quickStart: {
    calls: "generateVideo({ adapter, prompt, stream: true, abortSignal })",
    why: "The call of its pages: polls every 2 s for ten minutes, two retries of everything (those of `openai`, which it wraps).",
    client(library, site) {
      const { generateVideo } = asLibrary<TanStack>(library);
      const adapter = open(library, site);
      return async ({ signal, onId }) => {
        const options = {
          adapter,
          prompt: PROMPT,
          stream: true as const,
          ...(signal && { abortSignal: signal }),
          ...(site.intervalMs !== undefined && { pollingInterval: site.intervalMs }),
        };
        for await (const { type, name, message, value } of generateVideo(options)) {
          if (name === "video:job:created" && value?.jobId) onId(value.jobId);
          if (type === "RUN_ERROR") throw new Error(message);
        }
      };
    },
  },
  best: {
    calls:
      "generateVideo({ adapter, prompt }) with maxRetries: 0, then getVideoJobStatus({ adapter, jobId }) with maxRetries: 15 every 5 s",
    why: "“Run the job yourself” of its advanced page, with its interval; an adapter for the paid request and one for the polls, for `maxRetries` is the adapter's.",
    client(library, site) {
      const { generateVideo, getVideoJobStatus } = asLibrary<TanStack>(library);
      const [paid, free] = [open(library, site, { maxRetries: 0 }), open(library, site, { maxRetries: 15 })];
      return async ({ signal, onId }) => {
        const start = { adapter: paid, prompt: PROMPT, ...(signal && { abortSignal: signal }) };
        const { jobId } = await generateVideo(start);
        onId(jobId);
        for (;;) {
          const status = await getVideoJobStatus({ adapter: free, jobId });
          if (status.status === "completed") return status;
          if (status.status === "failed") throw new Error(status.error);
          await pause(site.intervalMs ?? 5_000, signal);
        }
      };
    },
  },
};
