// The task of a page's example: a poll that is copied from the page meets one that has succeeded.
import type { Part } from "./vendor.ts";

export function plantPrinted({ vendor: { printed }, context: { clock, store } }: Part, taskId: string): void {
  if (!printed || taskId !== printed.taskId || store.get(taskId)) return;
  const endsAt = clock.now();
  store.put({
    id: taskId,
    model: printed.model,
    createdAt: endsAt - 60_000,
    startsAt: endsAt - 54_000,
    endsAt,
    pinned: "succeeded",
    usd: 0,
    clip: { prompt: "the example of the vendor's page", duration: 5, aspectRatio: "16:9", sound: false },
  });
}
