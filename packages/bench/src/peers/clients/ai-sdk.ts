import { fal as dialect } from "../dialects/fal.ts";
import { asLibrary, pause, PROMPT, type Peer, type Site } from "../peer.ts";
import { redirected } from "../server.ts";

type Operation = unknown;
type Status = { status: "pending" | "completed" | "error"; error?: unknown };
type AiSdk = {
  createFal(options: object): { video(model: string): unknown };
  experimental_generateVideo(options: object): Promise<unknown>;
  experimental_startVideo(options: object): Promise<{ operation: Operation }>;
  experimental_getVideoStatus(model: unknown, options: object): Promise<Status>;
};

const open = (library: unknown, site: Site) =>
  asLibrary<AiSdk>(library)
    .createFal({ apiKey: "a:b", fetch: redirected(site) })
    .video("kling-video/v2.6/pro/text-to-video");
/** Its downloader refuses 127.0.0.1, and a video is not what is measured. */
const download = async () => ({ data: new Uint8Array([0]), mediaType: "video/mp4" });

export const aiSdk: Peer = {
  name: "ai + @ai-sdk/fal",
  packages: ["ai", "@ai-sdk/fal"],
  entry: `export { experimental_generateVideo, experimental_startVideo, experimental_getVideoStatus } from "ai";
export { createFal } from "@ai-sdk/fal";`,
  program: `import { experimental_generateVideo as generateVideo } from "ai";
import { createFal } from "@ai-sdk/fal";
const fal = createFal({ apiKey: "a:b" });
export async function video(prompt: string): Promise<Uint8Array> {
  // The newest of both name two versions of one type.
  const model = fal.video("kling-video/v2.6/pro/text-to-video") as never;
  const { video } = await generateVideo({ model, prompt });
  return video.uint8Array;
}`,
  dialect,
  // It asks for the result, which is there or not.
  cannotHave: { "unknown state": "its polls ask for the result, which has no states" },
  quickStart: {
    calls: "experimental_generateVideo({ model, prompt, abortSignal })",
    why: "The call of its pages: polls every 5 s for ten minutes, two retries of everything; repeated paid requests carry one idempotency key; that fal honours it was not found in its pages.",
    client(library, site) {
      const { experimental_generateVideo: generate } = asLibrary<AiSdk>(library);
      const model = open(library, site);
      return ({ signal }) =>
        generate({
          model,
          prompt: PROMPT,
          download,
          ...(signal && { abortSignal: signal }),
          ...(site.intervalMs !== undefined && { poll: { intervalMs: site.intervalMs } }),
        });
    },
  },
  best: {
    calls:
      "experimental_startVideo({ maxRetries: 0 }), then experimental_getVideoStatus(model, { operation, maxRetries: 5 }) every 5 s",
    why: "The pair that leaves the operation with the caller, as its declarations document it; `maxRetries` of each call: none where it would pay again, a minute's worth where it is free.",
    client(library, site) {
      const { experimental_startVideo: start, experimental_getVideoStatus: getStatus } = asLibrary<AiSdk>(library);
      const model = open(library, site);
      return async ({ signal, onId }) => {
        const signalled = signal ? { abortSignal: signal } : {};
        const { operation } = await start({ model, prompt: PROMPT, maxRetries: 0, ...signalled });
        onId(JSON.stringify(operation));
        for (;;) {
          await pause(site.intervalMs ?? 5_000, signal);
          const status = await getStatus(model, { operation, maxRetries: 5, ...signalled });
          if (status.status === "completed") return status;
          if (status.status === "error") throw new Error(String(status.error));
        }
      };
    },
  },
};
