// When an APIModels task ends (D: the page of Kling Video).
import { SIZES } from "../../video.ts";
import type { Callback } from "../dialect-parts.ts";
import { REDELIVER_EVERY } from "./assumed.ts";
import { nameOf, ok } from "./bodies.ts";

const HALF_AN_HOUR = 1_800_000;

export const callback: Callback = {
  urlOf: (body) => body["callback_url"],
  delays: [0, 1_000, 2_000, 4_000, ...Array<number>(HALF_AN_HOUR / REDELIVER_EVERY).fill(REDELIVER_EVERY)],
  within: HALF_AN_HOUR,
  timeout: 10_000,
  isDelivered: (answered) => answered >= 200 && answered < 300,
  message({ task, state, url, request }) {
    const { createdAt: createTime, endsAt: completeTime } = task;
    // "Request params": where to call back is none. assumed.
    const param = JSON.stringify({ ...request, callback_url: undefined });
    const { body } = ok({
      taskId: task.id,
      model: nameOf(task.model),
      state: state === "succeeded" ? "completed" : "failed",
      param,
      resultJson: state === "succeeded" ? JSON.stringify(result()) : null,
      failCode: task.failure?.code ?? null,
      failMsg: task.failure?.message ?? null,
      costTime: completeTime - createTime,
      completeTime,
      createTime,
    });
    return { body };

    /** All but the URLs is optional; a thumbnail the emulator has not. */
    function result() {
      const { duration: videoDuration, aspectRatio } = task.clip;
      return { resultUrls: [url], videoDuration, videoSize: SIZES[aspectRatio], videoModel: task.model };
    }
  },
};
