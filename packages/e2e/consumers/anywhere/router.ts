// A program over all vendors, and a receiver of their callbacks.
import { createReceiver, createVidtask, type Receiver } from "vidtask";
import { createAIVideoAPI } from "vidtask/aivideoapi";
import { createAPIModels } from "vidtask/apimodels";
import { createApixo } from "vidtask/apixo";

const vendors = [createApixo(), createAIVideoAPI(), createAPIModels()] as const;
const vidtask = createVidtask({ vendors });

export const rows = vidtask.compare({ model: "kling-2.6", prompt: "a waterfall", duration: 5 });
export const made = vidtask.generate(
  { model: "kling-2.6", prompt: "a waterfall" },
  { prefer: "cheapest", maxPrice: 1 },
);
// @ts-expect-error -- no vendor of the list has this family
vidtask.plan({ model: "kling-9", prompt: "a waterfall" });

const receiver: Receiver = createReceiver({
  clients: [vidtask],
  onTask: async (task) => void (task.state === "succeeded" ? task.videos[0].url : task.failure.message),
});

/** As a framework mounts it: the program's own `Request` and `Response`. */
export const handler = async (request: Request): Promise<Response> => receiver.fetch(request);
