// When an APIXO task ends (/docs/api-reference/webhooks, /docs/guides/polling-vs-webhooks).
import type { Callback } from "../dialect-parts.ts";
import { status } from "./bodies.ts";

export const callback: Callback = {
  /** A URL beside `request_type: "async"`, or none, is not called (models' pages: polling). */
  urlOf: (body) => (body["request_type"] === "callback" ? body["callback_url"] : undefined),
  delays: [0, 30_000, 120_000, 600_000],
  timeout: 30_000,
  /** Exactly 200. */
  isDelivered: (answered) => answered === 200,
  message({ task, state, url }) {
    const { body } = status(task, state, url);
    if (state === "succeeded") return { body };
    // The printed callback of a failed task has both times, which the printed status does not have.
    const { createdAt: createTime, endsAt: completeTime } = task;
    return { body: { ...body, data: { ...(body as { data: object }).data, createTime, completeTime } } };
  },
};
