import { apixo as dialect } from "../dialects/apixo.ts";
import { asLibrary, PROMPT, type Peer } from "../peer.ts";

type AiSdk = {
  createApixoProvider(options: object): { video(model: string): unknown };
  experimental_generateVideo(options: object): Promise<unknown>;
};

/** A video is not what is measured. */
const download = async () => ({ data: new Uint8Array([0]), mediaType: "video/mp4" });

export const aiSdkOverVidtask: Peer = {
  name: "ai + @vidtask/ai-sdk-provider",
  packages: ["ai", "@vidtask/ai-sdk-provider"],
  entry: `export { experimental_generateVideo } from "ai";
export { createApixoProvider } from "@vidtask/ai-sdk-provider/apixo";`,
  program: `import { experimental_generateVideo as generateVideo } from "ai";
import { createApixoProvider } from "@vidtask/ai-sdk-provider/apixo";
const apixo = createApixoProvider({ apiKey: "key" });
export async function video(prompt: string): Promise<Uint8Array> {
  const model = apixo.video("kling-2-6");
  const headers = { "idempotency-key": "row-17" };
  const poll = { intervalMs: 1_000 };
  const { video } = await generateVideo({ model, prompt, headers, poll });
  return video.uint8Array;
}`,
  dialect,
  quickStart: {
    calls:
      'experimental_generateVideo({ model, prompt, abortSignal, headers: { "idempotency-key": key }, poll: { intervalMs: 1_000 } })',
    why: "The call of its README, which asks the model every second; the model asks the vendor when its schedule says so.",
    client(library, { baseUrl, fetch, intervalMs }) {
      const { createApixoProvider, experimental_generateVideo: generate } = asLibrary<AiSdk>(library);
      const quick = { limits: { requestsPerMinute: Infinity }, poll: { interval: intervalMs } };
      const limits = intervalMs === undefined ? {} : quick;
      const model = createApixoProvider({ apiKey: "key", baseUrl, ...(fetch && { fetch }), ...limits }).video(
        "kling-2-6",
      );
      return ({ key, signal }) =>
        generate({
          model,
          prompt: PROMPT,
          duration: 5,
          download,
          headers: { "idempotency-key": key },
          poll: { intervalMs: intervalMs ?? 1_000 },
          providerOptions: { vidtask: { results: "url" } },
          ...(signal && { abortSignal: signal }),
        });
    },
  },
};
