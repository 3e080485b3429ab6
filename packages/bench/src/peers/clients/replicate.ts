import { replicate as dialect } from "../dialects/replicate.ts";
import { asLibrary, PROMPT, type Peer, type Site } from "../peer.ts";

type Prediction = { id: string; status: string };
type Client = {
  run(model: string, options: object, progress: (prediction: Prediction) => void): Promise<unknown>;
  predictions: { create(options: object): Promise<Prediction> };
  wait(
    prediction: Prediction,
    options: { interval?: number },
    stop: (prediction: Prediction) => Promise<boolean>,
  ): Promise<Prediction>;
};
type Replicate = { default: new (options: object) => Client };

const MODEL = "kwaivgi/kling-v2.6";
const open = (library: unknown, { baseUrl, fetch }: Site) =>
  new (asLibrary<Replicate>(library).default)({ auth: "r8_a", baseUrl: `${baseUrl}/v1`, ...(fetch && { fetch }) });

export const replicate: Peer = {
  name: "replicate",
  packages: ["replicate"],
  entry: `export { default } from "replicate";`,
  program: `import Replicate from "replicate";
const replicate = new Replicate({ auth: "r8_a" });
export async function video(prompt: string): Promise<string> {
  const prediction = await replicate.predictions.create({
    model: "kwaivgi/kling-v2.6",
    input: { prompt },
  });
  const done = await replicate.wait(prediction);
  return done.output as string;
}`,
  dialect,
  quickStart: {
    calls: "replicate.run(model, { input, signal }, progress)",
    why: "The call of its README. The paid request itself waits up to 60 s for the end, then polls every 0.5 s; an abort cancels the prediction.",
    client(library, site) {
      const replicate = open(library, site);
      return ({ signal, onId }) =>
        replicate.run(MODEL, { input: { prompt: PROMPT }, ...(signal && { signal }) }, ({ id }) => onId(id));
    },
  },
  best: {
    calls: "replicate.predictions.create({ model, input, signal }), replicate.wait(prediction, {}, stop)",
    why: "Its README's way for long tasks: the id is there before the wait, and an abort leaves the prediction alone. No option for retries: 429 at the paid request, 429 and 5xx at polls, 5 times each.",
    client(library, site) {
      const replicate = open(library, site);
      return async ({ signal, onId }) => {
        const prediction = await replicate.predictions.create({
          model: MODEL,
          input: { prompt: PROMPT },
          ...(signal && { signal }),
        });
        onId(prediction.id);
        const interval = site.intervalMs === undefined ? {} : { interval: site.intervalMs };
        const last = await replicate.wait(prediction, interval, async () => signal?.aborted ?? false);
        if (last.status !== "succeeded") throw signal?.reason ?? new Error(`ended as ${last.status}`);
        return last;
      };
    },
  },
};
