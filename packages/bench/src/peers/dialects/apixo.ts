// APIXO's tasks (fixtures/apixo), as this library and a bare loop ask for them.
import type { Dialect, State } from "../dialect.ts";

const STATES: { readonly [state in State]: string } = { running: "processing", done: "success", strange: "paused" };

export const apixo: Dialect = {
  wants({ method, path, query }) {
    if (method === "POST" && path.startsWith("/generateTask/")) return { kind: "submit" };
    const id = path.startsWith("/statusTask/") ? query.get("taskId") : null;
    return id === null ? undefined : { kind: "poll", id };
  },
  accepted: (taskId) => envelope({ taskId }),
  status: (taskId, state, { createdAt: createTime, endsAt: completeTime }) => {
    const resultJson = JSON.stringify({ resultUrls: [`https://r2.apixo.ai/${taskId}.mp4`] });
    const end = state === "done" ? { resultJson, completeTime, costTime: completeTime - createTime } : {};
    return envelope({ taskId, state: STATES[state], createTime, ...end });
  },
  error: (code, message) => ({ code, message, data: null }),
};

const envelope = (data: object) => ({ code: 200, message: "success", data });
