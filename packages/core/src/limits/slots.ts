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
  /** `since`: how many ends had been seen when it was given. */
  type Held = { taskId?: string; until: number; since: number };
  const held = new Set<Held>();
  const posting = new Set<Held>();
  /** The tasks that ended while a slot did not know its own, oldest first: that may be among them. */
  const ends = new Map<string, number>();
  let endsSeen = 0;
  let endsKept = 0;
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

  function noteEnd(taskId: string): void {
    endsSeen++;
    if (posting.size === 0) return void (ends.size > 0 && ends.clear());
    ends.delete(taskId);
    ends.set(taskId, endsSeen);
    // Those before the oldest slot that still waits go, all at once, when there may be as many again.
    if (ends.size <= 2 * endsKept + posting.size + 64) return;
    const [oldest] = posting;
    for (const [id, count] of ends) if (count <= (oldest?.since ?? 0)) ends.delete(id);
    endsKept = ends.size;
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
      const slot: Held = { until: Infinity, since: endsSeen };
      await queue.enter({
        signal,
        onGo() {
          slot.since = endsSeen;
          held.add(slot);
          posting.add(slot);
        },
      });
      return {
        hold(taskId, forMs) {
          const hasEnded = (ends.get(taskId) ?? 0) > slot.since;
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
      noteEnd(taskId);
      const slot = byTask.get(taskId);
      if (slot) release(slot);
      pump();
    },
  };
}
