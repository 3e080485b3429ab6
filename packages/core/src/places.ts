import { safeDelay, type Clock } from "./clock.ts";
import { enter, type Waiter } from "./queue.ts";

/** A place for one task at the vendor, from before its submit until its end. */
export type Place = {
  /** The task was accepted: its end frees the place, or this time when nobody looks. */
  hold(taskId: string, forMs: number): void;
  /** There is no task, or nobody knows: the place is free at once. */
  free(): void;
};

/** The places of a client's tasks, first come first served. */
export function createPlaces(clock: Clock, limit: number) {
  type Held = { taskId?: string; until: number };
  const held = new Set<Held>();
  const queue: Waiter[] = [];
  let wakeAt = Infinity;

  function pump(): void {
    const now = clock.elapsed();
    for (const place of held) if (place.until <= now) held.delete(place);
    while (queue.length > 0 && held.size < limit) queue.shift()?.go();
    if (queue.length > 0) wakeAtNextEnd(now);
  }

  function wakeAtNextEnd(now: number): void {
    const next = Math.min(...[...held].map(({ until }) => until));
    if (next === Infinity || next >= wakeAt) return;
    wakeAt = next;
    void clock.sleep(safeDelay(next - now)).then(() => {
      wakeAt = Infinity;
      pump();
    });
  }

  return {
    hasPlace(): boolean {
      pump();
      return queue.length === 0 && held.size < limit;
    },
    async take(signal?: AbortSignal): Promise<Place> {
      const place: Held = { until: Infinity };
      await enter(queue, pump, signal, () => held.add(place));
      return {
        hold(taskId, forMs) {
          Object.assign(place, { taskId, until: clock.elapsed() + safeDelay(forMs) });
          pump();
        },
        free() {
          if (held.delete(place)) pump();
        },
      };
    },
    ended(taskId: string): void {
      for (const place of held) if (place.taskId === taskId && held.delete(place)) pump();
    },
  };
}
