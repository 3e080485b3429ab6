// What the tests of this package share: calls as a client would write them, most of them of APIXO's.
import type { Emulator } from "../emulator.ts";

export interface Answered<Body = { code: number; message: string; data: Record<string, unknown> }> {
  status: number;
  body: Body;
}

export const textToVideo = {
  request_type: "async",
  provider: "auto",
  input: { mode: "text-to-video", prompt: "a waterfall", duration: 5, sound: true, aspect_ratio: "16:9" },
};

export const turbo = { input: { prompt: "a waterfall" } };

type Target = { apiKey: string; baseUrl: string; fetch?: typeof fetch };

/** Calls an API with the target's key; `init` may have other headers. */
export function caller<Body>(target: Target) {
  const send = target.fetch ?? fetch;
  const headers = { authorization: `Bearer ${target.apiKey}`, "content-type": "application/json" };
  return async (path: string, init: RequestInit = {}): Promise<Answered<Body>> => {
    const response = await send(target.baseUrl + path, { headers, ...init });
    return { status: response.status, body: (await response.json()) as Body };
  };
}

export function client(target: Target) {
  const call = caller<Answered["body"]>(target);
  const submit = (body: unknown, model = "kling-2-6") =>
    call(`/generateTask/${model}`, { method: "POST", body: JSON.stringify(body) });
  const status = (taskId: string, model = "kling-2-6") => call(`/statusTask/${model}?taskId=${taskId}`);
  const balance = () => call("/apikeys/current-balance");
  const created = async (body: unknown, model = "kling-2-6"): Promise<string> => {
    const { data } = (await submit(body, model)).body;
    return data["taskId"] as string;
  };
  return { call, submit, status, balance, created };
}

/** Turns of the event loop: what is under way in this process comes to rest, however busy the machine is. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export const apixoOf = (emulator: Emulator) => client(emulator.for("apixo"));

/** The URL in a finished task's `resultJson`. */
export function urlOf(answer: Answered): string {
  const { resultUrls } = JSON.parse(answer.body.data["resultJson"] as string) as { resultUrls: string[] };
  return resultUrls[0] as string;
}

export const error = (answer: Answered) => answer.body.data?.["error"];
