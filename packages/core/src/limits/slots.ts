import { safeDelay, type Clock } from "../time/clock.ts";
import { createHeap } from "../time/heap.ts";
import { createQueue, createTimer } from "./queue.ts";

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
  const posting = new Set<Held>();
  const byTask = new Map<string, Held>();
  const lapses = createHeap<Held>((a, b) => a.until < b.until);
  const queue = createQueue(pump);
  const wakeAt = createTimer(clock, pump);

  function release(slot: Held): boolean {
    posting.delete(slot);
    if (slot.taskId !== undefined && byTask.get(slot.taskId) === slot) byTask.delete(slot.taskId);
    const wasHeld = held.delete(slot);
    if (lapses.size > 2 * held.size + 64) lapses.keep((other) => held.has(other));
    return wasHeld;
  }

  function pump(): void {
    const now = clock.elapsed();
    for (let first = lapses.first(); first && (!held.has(first) || first.until <= now); first = lapses.first()) {
      lapses.take();
      release(first);
    }
    while (queue.size > 0 && held.size < limit) queue.next();
    wakeAt(queue.size > 0 ? (lapses.first()?.until ?? Infinity) : Infinity);
  }

  return {
    hasSlot(): boolean {
      pump();
      return queue.size === 0 && held.size < limit;
    },
    async take(signal?: AbortSignal): Promise<Slot> {
      const slot: Held = { until: Infinity };
      await queue.enter({
        signal,
        onGo() {
          held.add(slot);
          posting.add(slot);
        },
      });
      return {
        hold(taskId, forMs) {
          const hasEnded = slot.ended?.has(taskId);
          delete slot.ended;
          Object.assign(slot, { taskId, until: clock.elapsed() + safeDelay(forMs) });
          posting.delete(slot);
          if (hasEnded) release(slot);
          else if (held.has(slot)) {
            byTask.set(taskId, slot);
            lapses.add(slot);
          }
          pump();
        },
        free() {
          if (release(slot)) pump();
        },
      };
    },
    ended(taskId: string): void {
      for (const slot of posting) (slot.ended ??= new Set()).add(taskId);
      const slot = byTask.get(taskId);
      if (slot) release(slot);
      pump();
    },
  };
}
