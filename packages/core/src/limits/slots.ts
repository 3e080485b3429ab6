import { safeDelay, type Clock } from "../time/clock.ts";
import { createTimer, enter, type Waiter } from "./queue.ts";

/** A slot for one task at the vendor, from before its submit until its end. */
export type Slot = {
  /** The task was accepted: its end frees the slot, or this time when its end is not seen. */
  hold(taskId: string, forMs: number): void;
  /** There is no task, or none is known: the slot is free at once. */
  free(): void;
};

/** The slots of a client's tasks, first come first served. */
export function createSlots(clock: Clock, limit: number) {
  /** Before its task is known, a slot remembers which tasks ended: its own may be among them. */
  type Held = { taskId?: string; until: number; ended?: Set<string> };
  const held = new Set<Held>();
  const queue: Waiter[] = [];
  const wakeAt = createTimer(clock, pump);

  function pump(): void {
    const now = clock.elapsed();
    for (const slot of held) if (slot.until <= now) held.delete(slot);
    while (queue.length > 0 && held.size < limit) queue.shift()?.go();
    let next = Infinity;
    if (queue.length > 0) for (const { until } of held) next = Math.min(next, until);
    wakeAt(next);
  }

  return {
    hasSlot(): boolean {
      pump();
      return queue.length === 0 && held.size < limit;
    },
    async take(signal?: AbortSignal): Promise<Slot> {
      const slot: Held = { until: Infinity };
      await enter(queue, pump, { signal, onGo: () => held.add(slot) });
      return {
        hold(taskId, forMs) {
          if (slot.ended?.has(taskId)) held.delete(slot);
          delete slot.ended;
          Object.assign(slot, { taskId, until: clock.elapsed() + safeDelay(forMs) });
          pump();
        },
        free() {
          if (held.delete(slot)) pump();
        },
      };
    },
    ended(taskId: string): void {
      for (const slot of held)
        if (slot.taskId === undefined) (slot.ended ??= new Set()).add(taskId);
        else if (slot.taskId === taskId) held.delete(slot);
      pump();
    },
  };
}
