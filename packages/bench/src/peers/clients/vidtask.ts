import type { createApixo as Create } from "vidtask";
import { apixo as dialect } from "../dialects/apixo.ts";
import { asLibrary, PROMPT, type Peer } from "../peer.ts";

type Vidtask = { createApixo: typeof Create };

export const vidtask: Peer = {
  name: "vidtask",
  packages: ["@vidtask/apixo"],
  entry: `export { createApixo } from "@vidtask/apixo";`,
  program: `import { createApixo } from "@vidtask/apixo";
const apixo = createApixo({ apiKey: "key" });
export async function video(prompt: string): Promise<string> {
  const request = { model: "kling-2-6", prompt } as const;
  const done = await apixo.generate(request, {
    idempotencyKey: "row-17",
  });
  const [video] = done.videos;
  return video.url;
}`,
  dialect,
  quickStart: {
    calls: "client.generate(request, { idempotencyKey, signal })",
    why: "The call of its README, with nothing set.",
    client(library, { baseUrl, fetch, intervalMs }) {
      const client = asLibrary<Vidtask>(library).createApixo({
        apiKey: "bench-key-123",
        baseUrl,
        ...(fetch && { fetch }),
        ...(intervalMs !== undefined && {
          poll: { first: 0, interval: intervalMs },
          limits: { requestsPerMinute: Infinity },
        }),
      });
      const request = { model: "kling-2-6", prompt: PROMPT, duration: 5 } as const;
      return ({ key, signal }) => client.generate(request, { idempotencyKey: key, ...(signal && { signal }) });
    },
  },
};
