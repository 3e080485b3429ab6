// A program of one vendor, as in the first minutes.
import {
  createApixo,
  formatRef,
  memoryJournal,
  parseRef,
  VendorError,
  type ClientOptions,
  type SucceededTask,
  type Task,
  type VideoClient,
} from "@vidtask/apixo";

declare const setting: string | undefined, signal: AbortSignal | undefined;

const options: ClientOptions = { apiKey: setting, journal: memoryJournal(), fetch: async (...call) => fetch(...call) };
const apixo = createApixo(options);

export async function make(prompt: string): Promise<string> {
  const plan = apixo.plan({ model: "kling-2-6", prompt, duration: 5, sound: undefined });
  const task: Task = await apixo.submit(plan.request, { signal });
  for await (const { state } of apixo.watch(parseRef(formatRef(task)))) state satisfies Task["state"];
  const done: SucceededTask = await apixo.wait(task, { signal });
  return done.videos[0].url;
}

export const codeOf = (error: unknown): string => (VendorError.isInstance(error) ? error.code : "no answer");

// @ts-expect-error -- 5 or 10
apixo.plan({ model: "kling-2-6", prompt: "a waterfall", duration: 7 });
// @ts-expect-error -- a word of the other model
apixo.plan({ model: "kling-2-6", prompt: "a waterfall", negativePrompt: "rain" });

export const wide: VideoClient = apixo;
