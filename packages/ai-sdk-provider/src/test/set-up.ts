// A provider over an emulator in process, with time under control, for the SDK's own functions.
import type { Experimental_VideoModelV4CallOptions as CallOptions } from "@ai-sdk/provider";
import { createAIVideoAPI } from "@vidtask/aivideoapi";
import { createAPIModels } from "@vidtask/apimodels";
import { createApixo, memoryJournal, type ClientOptions, type Journal, type VideoClient } from "@vidtask/apixo";
import { createEmulator, type Emulator } from "@vidtask/emulator";
import { createVidtaskProvider, type VidtaskProvider } from "../index.ts";

export const image = "https://example.com/photo.jpg";

type Vendor = {
  create: (options?: ClientOptions) => VideoClient;
  model: string;
  /** The least that its model takes. */
  prompt: string | { text: string; image: string };
};

export const vendors = {
  apixo: { create: createApixo as Vendor["create"], model: "kling-2-6", prompt: "a waterfall" },
  aivideoapi: {
    create: createAIVideoAPI as Vendor["create"],
    model: "kling-2.6",
    prompt: { text: "a waterfall", image },
  },
  apimodels: { create: createAPIModels as Vendor["create"], model: "kling-v2-6", prompt: "a waterfall" },
} satisfies { [name: string]: Vendor };

/** What the SDK gives a model, with nothing set but the prompt. */
export const plainCall: CallOptions = {
  prompt: "a waterfall",
  n: 1,
  aspectRatio: undefined,
  resolution: undefined,
  duration: undefined,
  fps: undefined,
  seed: undefined,
  image: undefined,
  frameImages: undefined,
  inputReferences: undefined,
  generateAudio: undefined,
  providerOptions: {},
};

export const durable = (): Journal => ({ ...memoryJournal(), durable: true });

/** The SDK's waits by the emulator's clock. */
export const pollBy = (emulator: Emulator) => ({
  delay: async (ms: number, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
    await emulator.clock.sleep(ms, abortSignal);
    abortSignal?.throwIfAborted();
  },
});

export type VendorName = keyof typeof vendors;

export function setUp(
  vendor: VendorName = "apixo",
  more: ClientOptions = {},
  emulator = createEmulator({ clock: "manual" }),
) {
  const { create, model: modelId, prompt } = vendors[vendor] as Vendor;
  const client = create({ ...emulator.for(vendor), journal: durable(), ...more });
  const provider: VidtaskProvider = createVidtaskProvider({ client });
  const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").length;
  const posts = () => emulator.requests.filter(({ method }) => method === "POST").length;
  const poll = pollBy(emulator);
  return { emulator, client, provider, model: provider.video(modelId), modelId, prompt, poll, charges, posts };
}
