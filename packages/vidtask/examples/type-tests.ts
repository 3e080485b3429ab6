import type { JSONValue } from "@ai-sdk/provider";
import { createAPIModels } from "@vidtask/apimodels";
// What must and what must not compile.
import {
  createApixo,
  formatRef,
  type ApixoRequest,
  type SucceededTask,
  type Task,
  type TaskRef,
  type VideoClient,
} from "@vidtask/apixo";
import { createVidtask } from "vidtask";

const apixo = createApixo(),
  apim = createAPIModels();
declare const s: string, n: number, maybe: boolean | undefined;

void apixo.submit({ model: "kling-2-6", prompt: "x", duration: 5, sound: maybe }); // undefined = absent
// @ts-expect-error 7 is not 5 | 10
void apixo.submit({ model: "kling-2-6", prompt: "x", duration: 7 });
// @ts-expect-error sound is not a word of this model
void apixo.submit({ model: "kling-2-5-turbo-pro", prompt: "x", sound: true });
// @ts-expect-error endImage is not a word of this model
void apixo.submit({ model: "kling-2-6", prompt: "x", endImage: "u" });
// @ts-expect-error a string model does not compile on the typed client …
void apixo.submit({ model: s, prompt: "x", duration: n });
const any: VideoClient = apixo; // … and does on the wide type, checked at run time
void any.submit({ model: s, prompt: "x", duration: n, routing: "value" });
const stored = { model: "kling-2-6", prompt: "x", duration: 5 } satisfies ApixoRequest; // satisfies keeps the literal
void apixo.submit(stored);

// the price of an open union: narrowing is gone
type Open = ApixoRequest | { model: string & {}; prompt: string; duration?: number };
const lost: Open = { model: "kling-2-6", prompt: "x", duration: 7 }; // compiles: that is the point
void lost;

declare const done: SucceededTask, task: Task;
done.videos[0].url satisfies string; // no `!` under noUncheckedIndexedAccess
const json: JSONValue = task;
const ref: TaskRef = task;
void json;
formatRef(ref);

const vidtask = createVidtask({ vendors: [apixo, apim] });
void vidtask.generate(
  { model: "kling-2.6", prompt: "x", duration: 5, sound: true, voices: ["v"] },
  { maxPrice: 0.1, prefer: "cheapest", idempotencyKey: "row-1" },
);
void vidtask.generate({ model: "kling-2.5-turbo", prompt: "x", cfgScale: 0.5 });
// @ts-expect-error no vendor in the list has this family
void vidtask.generate({ model: "kling-9", prompt: "x" });
// @ts-expect-error no vendor does 7 s of kling-2.6
void vidtask.generate({ model: "kling-2.6", prompt: "x", duration: 7 });
// @ts-expect-error motion control needs motionVideo
void vidtask.generate({ model: "kling-motion-control", image: "u" });
const asClient: VideoClient = vidtask; // receiver, saveVideo and the AI SDK wrapper take the router too
void asClient;

const configured: VideoClient[] = [vidtask]; // only the run knows which
void createVidtask({ vendors: configured }).submit({ model: s, prompt: "x", duration: n });
