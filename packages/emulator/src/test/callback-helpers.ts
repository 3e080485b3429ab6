// What the tests of callbacks share: a task of each vendor whose end is told, and a receiver that remembers.
import { createEmulator, type Emulator } from "../emulator.ts";
import { caller, textToVideo } from "./helpers.ts";

export const TOKEN = "eyJ2IjoxLCJrIjoib3JkZXItNyJ9.c2lnbmF0dXJl";
export const CALLBACK_URL = `https://app.test/hooks/${TOKEN}?tenant=7`;

const submits = {
  apixo: (callback_url: string, prompt: string) => ({
    path: "/generateTask/kling-2-6",
    body: { ...textToVideo, request_type: "callback", callback_url, input: { ...textToVideo.input, prompt } },
  }),
  aivideoapi: (callback_url: string, prompt: string) => ({
    path: "/videos/generations",
    body: { model: "kling-2.6", callback_url, input: { prompt, image_urls: ["https://a.test/1.png"] } },
  }),
  apimodels: (callback_url: string, prompt: string) => ({
    path: "/video/generations",
    body: { model: "kling-v2-6", callback_url, prompt },
  }),
} as const;
export type Name = keyof typeof submits;
export const names = Object.keys(submits) as Name[];

type Target = { apiKey: string; baseUrl: string; fetch?: typeof fetch };

/** Submits a task and gives its id. */
export async function submit(name: Name, target: Target, url = CALLBACK_URL, prompt = "a waterfall"): Promise<string> {
  const { path, body } = submits[name](url, prompt);
  const answer = await caller<{ data: { taskId: string } }>(target)(path, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return answer.body.data.taskId;
}

export interface Seen {
  /** Milliseconds on the clock. */
  at: number;
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown> & { data?: Record<string, unknown> };
}

/** An emulator whose callbacks meet `answer`, called with the number of those before. */
export function receiving(
  answer: (count: number, emulator: Emulator) => Response | Promise<Response>,
  options: Parameters<typeof createEmulator>[0] = {},
) {
  const seen: Seen[] = [];
  const emulator: Emulator = createEmulator({
    clock: "manual",
    deliverCallback: async (request) => {
      const { url, headers, method } = request;
      if (method !== "POST") throw new Error(method);
      const at = emulator.clock.elapsed();
      seen.push({ at, url, headers: Object.fromEntries(headers), body: (await request.json()) as Seen["body"] });
      return await answer(seen.length - 1, emulator);
    },
    ...options,
  });
  return { emulator, seen };
}

export const status = (code: number) => new Response(null, { status: code });
