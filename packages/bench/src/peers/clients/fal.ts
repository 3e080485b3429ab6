import { fal as dialect } from "../dialects/fal.ts";
import { asLibrary, PROMPT, type Form, type Peer } from "../peer.ts";
import { redirected } from "../server.ts";

type Fal = {
  createFalClient(config: { credentials: string; fetch: typeof fetch }): {
    subscribe(
      endpoint: string,
      options: {
        input: object;
        pollInterval?: number;
        abortSignal?: AbortSignal;
        onEnqueue?: (requestId: string) => void;
      },
    ): Promise<unknown>;
  };
};

const quickStart: Form = {
  calls: "fal.subscribe(endpoint, { input, onEnqueue, abortSignal })",
  why: 'The call of its pages. Polls every 0.5 s. What it retries at the paid request and at polls is fixed: `retry` of its configuration does not reach them. `mode: "streaming"` is left out: its own source keeps to polling until that is stable.',
  client(library, site) {
    const fal = asLibrary<Fal>(library).createFalClient({ credentials: "a:b", fetch: redirected(site) });
    return ({ signal, onId }) =>
      fal.subscribe("fal-ai/kling-video/v2.6/pro/text-to-video", {
        input: { prompt: PROMPT },
        onEnqueue: onId,
        ...(signal && { abortSignal: signal }),
        ...(site.intervalMs !== undefined && { pollInterval: site.intervalMs }),
      });
  },
};

export const fal: Peer = {
  name: "@fal-ai/client",
  packages: ["@fal-ai/client"],
  entry: `export { createFalClient } from "@fal-ai/client";`,
  program: `import { createFalClient } from "@fal-ai/client";
const fal = createFalClient({ credentials: "a:b" });
export async function video(prompt: string): Promise<string> {
  const { data } = await fal.subscribe("fal-ai/kling-video/v2.6/pro/text-to-video", {
    input: { prompt },
    onEnqueue: (id) => console.log(id),
  });
  const { video } = data as { video: { url: string } };
  return video.url;
}`,
  dialect,
  quickStart,
};
