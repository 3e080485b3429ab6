import type { JSONValue } from "@ai-sdk/provider";
// What must and what must not compile. The lines about other vendors and the router come with them.
import {
  createApixo,
  formatRef,
  type ApixoRequest,
  type SucceededTask,
  type Task,
  type TaskRef,
  type VideoClient,
} from "@vidtask/apixo";

const apixo = createApixo();
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
