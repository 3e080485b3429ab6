// When an AIVideoAPI task ends (P /docs/getting-started/callback; D: the body is that of a status).
import type { Callback } from "../dialect-parts.ts";
import { CALLBACK_TIMEOUT } from "./assumed.ts";
import { status } from "./bodies.ts";

export const callback: Callback = {
  urlOf: (body) => body["callback_url"],
  /** P: a table with three attempts; one sentence of the page says "retry up to 3 times". */
  delays: [0, 180_000, 600_000],
  timeout: CALLBACK_TIMEOUT,
  isDelivered: (answered) => answered >= 200 && answered < 300,
  message: ({ task, state, url, now }) => ({
    body: status(task, state, url).body,
    headers: {
      "x-event": state === "succeeded" ? "task.completed" : "task.failed",
      "x-task-id": task.id,
      "x-timestamp": String(Math.floor(now / 1000)),
    },
  }),
};
