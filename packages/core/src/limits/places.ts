import { safeDelay, type Clock } from "../clock.ts";
import { createAlarm, enter, type Waiter } from "./queue.ts";

/** A place for one task at the vendor, from before its submit until its end. */
export type Place = {
  /** The task was accepted: its end frees the place, or this time when nobody looks. */
  hold(taskId: string, forMs: number): void;
  /** There is no task, or nobody knows: the place is free at once. */
  free(): void;
};

/** The places of a client's tasks, first come first served. */
export function createPlaces(clock: Clock, limit: number) {
  /** Before its task is known, a place remembers which tasks ended: its own may be among them. */
  type Held = { taskId?: string; until: number; ended?: Set<string> };
  const held = new Set<Held>();
  const queue: Waiter[] = [];
  const wakeAt = createAlarm(clock, pump);

  function pump(): void {
    const now = clock.elapsed();
    for (const place of held) if (place.until <= now) held.delete(place);
    while (queue.length > 0 && held.size < limit) queue.shift()?.go();
    let next = Infinity;
    if (queue.length > 0) for (const { until } of held) next = Math.min(next, until);
    wakeAt(next);
  }

  return {
    hasPlace(): boolean {
      pump();
      return queue.length === 0 && held.size < limit;
    },
    async take(signal?: AbortSignal): Promise<Place> {
      const place: Held = { until: Infinity };
      await enter(queue, pump, { signal, onGo: () => held.add(place) });
      return {
        hold(taskId, forMs) {
          if (place.ended?.has(taskId)) held.delete(place);
          delete place.ended;
          Object.assign(place, { taskId, until: clock.elapsed() + safeDelay(forMs) });
          pump();
        },
        free() {
          if (held.delete(place)) pump();
        },
      };
    },
    ended(taskId: string): void {
      for (const place of held)
        if (place.taskId === undefined) (place.ended ??= new Set()).add(taskId);
        else if (place.taskId === taskId) held.delete(place);
      pump();
    },
  };
}
